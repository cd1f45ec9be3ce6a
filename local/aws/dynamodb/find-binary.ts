import { accessSync, constants, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { CannotStart } from '../../cannot-start.ts';

/** What the environment says about where DynamoDB is; a part of `process.env`. */
export interface DynamoDbEnvironment {
  /** Another DynamoDB emulator that runs already; used instead of starting one. */
  DYNAMODB_ENDPOINT?: string | undefined;
  /** Path of the dynoxide binary. */
  DYNOXIDE_BIN?: string | undefined;
  PATH?: string | undefined;
}

const executable = process.platform === 'win32' ? 'dynoxide.exe' : 'dynoxide';

/** An endpoint to use, or a binary to start: what was asked for first, then the npm package of this platform, then PATH. */
export function findDynamoDb(
  environment: DynamoDbEnvironment,
  platformPackage = `@dynoxide/${process.platform}-${process.arch}`,
): { endpoint: string } | { binary: string } {
  const { DYNAMODB_ENDPOINT: endpoint, DYNOXIDE_BIN: named } = environment;
  if (endpoint) {
    if (!URL.canParse(endpoint)) throw new CannotStart(`DYNAMODB_ENDPOINT is not a URL: ${endpoint}.`);
    return { endpoint: endpoint.replace(/\/$/, '') };
  }
  if (named) {
    if (!isExecutable(named)) throw new CannotStart(`DYNOXIDE_BIN is not an executable file: ${named}.`);
    return { binary: named };
  }
  const candidates = [
    packaged(platformPackage),
    ...(environment.PATH ?? '').split(delimiter).map((folder) => join(folder, executable)),
  ];
  const binary = candidates.find((candidate) => candidate !== undefined && isExecutable(candidate));
  if (binary) return { binary };
  throw new CannotStart(
    `DynamoDB cannot run: there is no ${platformPackage} in node_modules and no dynoxide on PATH; install it (npm ci, or brew install dynoxide) and set DYNOXIDE_BIN, or set DYNAMODB_ENDPOINT to an emulator that runs.`,
  );
}

function packaged(name: string): string | undefined {
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), executable);
  } catch {
    return undefined;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return existsSync(path);
  } catch {
    return false;
  }
}
