import {
  type FunctionConfiguration,
  type LambdaClient,
  paginateListAliases,
  paginateListEventSourceMappings,
  paginateListVersionsByFunction,
} from '@aws-sdk/client-lambda';
import type { FunctionVersionName } from './definition-facts.ts';

export interface FunctionVersion {
  functionName: string;
  /** A number as text; `$LATEST` is none of them. */
  version: string;
  codeSha256: string;
  /** The one with the highest number. */
  newest: boolean;
  /** What else names it: aliases and event sources. */
  usedBy: string[];
}

export const nameOf = ({ functionName, version }: FunctionVersion): FunctionVersionName => `${functionName}:${version}`;

/** Every published version of these Lambdas, oldest first; none of a Lambda that is gone. */
export async function readFunctionVersions(
  lambda: LambdaClient,
  functionNames: Iterable<string>,
): Promise<FunctionVersion[]> {
  const found: FunctionVersion[] = [];
  const sources = await qualifiedEventSources(lambda);
  for (const name of functionNames) found.push(...(await versionsOf(lambda, name, sources)));
  return found;
}

interface User {
  functionName: string;
  version: string;
  what: string;
}

async function versionsOf(lambda: LambdaClient, functionName: string, sources: User[]): Promise<FunctionVersion[]> {
  const published = (await configurations(lambda, functionName)).filter(({ Version }) => Version !== '$LATEST');
  if (published.length === 0) return [];
  const users = [...(await aliasesOf(lambda, functionName)), ...sources];
  const newest = Math.max(...published.map(({ Version }) => Number(Version)));
  return published
    .map(({ Version = '', CodeSha256 = '' }) => ({
      functionName,
      version: Version,
      codeSha256: CodeSha256,
      newest: Number(Version) === newest,
      usedBy: users
        .filter((user) => user.functionName === functionName && user.version === Version)
        .map(({ what }) => what),
    }))
    .sort((one, other) => Number(one.version) - Number(other.version));
}

async function configurations(lambda: LambdaClient, FunctionName: string): Promise<FunctionConfiguration[]> {
  const found: FunctionConfiguration[] = [];
  try {
    for await (const page of paginateListVersionsByFunction({ client: lambda }, { FunctionName })) {
      found.push(...(page.Versions ?? []));
    }
  } catch (error) {
    // A step that was removed, whose Lambda went with it.
    if ((error as Error).name !== 'ResourceNotFoundException') throw error;
  }
  return found;
}

async function aliasesOf(lambda: LambdaClient, FunctionName: string): Promise<User[]> {
  const users: User[] = [];
  for await (const page of paginateListAliases({ client: lambda }, { FunctionName })) {
    for (const { Name, FunctionVersion: version, RoutingConfig } of page.Aliases ?? []) {
      for (const one of [version!, ...Object.keys(RoutingConfig?.AdditionalVersionWeights ?? {})]) {
        users.push({ functionName: FunctionName, version: one, what: `alias ${Name}` });
      }
    }
  }
  return users;
}

/** All of the region, because it is not documented whether asking for a Lambda finds what names one of its versions. */
async function qualifiedEventSources(lambda: LambdaClient): Promise<User[]> {
  const users: User[] = [];
  for await (const page of paginateListEventSourceMappings({ client: lambda }, {})) {
    for (const { FunctionArn = '', EventSourceArn } of page.EventSourceMappings ?? []) {
      const [functionName, version] = FunctionArn.split(':').slice(6);
      if (functionName && version) users.push({ functionName, version, what: `event source ${EventSourceArn}` });
    }
  }
  return users;
}
