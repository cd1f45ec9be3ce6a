import { z } from 'zod';
import type { AsynchronousConfiguration, FunctionConfiguration, FunctionDefinition } from '../aws/lambda/functions.ts';
import { CannotStart } from '../cannot-start.ts';
import type { CodeStore } from './code-store.ts';
import type { Assembly, Resource } from './load-assembly.ts';
import { parseProperties } from './parse-properties.ts';
import type { PublishedVersions } from './published-versions.ts';

const FunctionProperties = z.object({
  Handler: z.string({ error: 'only functions with a handler in a package run locally' }),
  Runtime: z.string().regex(/^nodejs/, { error: 'only Node.js functions run locally' }),
  Code: z.object({ S3Key: z.string().optional(), ZipFile: z.string().optional() }),
  Environment: z.object({ Variables: z.record(z.string(), z.coerce.string()).default({}) }).default({ Variables: {} }),
  Timeout: z.coerce.number().default(3),
  MemorySize: z.coerce.number().default(128),
  ReservedConcurrentExecutions: z.coerce.number().optional(),
  LoggingConfig: z.object({ LogFormat: z.enum(['Text', 'JSON']).default('Text') }).optional(),
  Layers: z.array(z.unknown()).max(0, { error: 'functions with layers do not run locally' }).optional(),
  DeadLetterConfig: z.undefined({ error: 'use an on-failure destination, which runs locally' }).optional(),
});
const Alias = z.object({ FunctionName: z.string(), FunctionVersion: z.string(), Name: z.string() });
const EventInvokeConfig = z.object({
  FunctionName: z.string(),
  Qualifier: z.string(),
  MaximumRetryAttempts: z.coerce.number().optional(),
  MaximumEventAgeInSeconds: z.coerce.number().optional(),
  DestinationConfig: z
    .object({
      OnFailure: z.object({ Destination: z.string().regex(/:sqs:/, { error: 'only queues run locally' }) }).optional(),
      OnSuccess: z.undefined({ error: 'only destinations on failure run locally' }).optional(),
    })
    .optional(),
});

/**
 * The functions of the template with their aliases and rules for asynchronous invocation; their code is kept, and their versions are
 * published. `published.complete` gives them with all versions.
 */
export function functionDefinitions(assembly: Assembly, published: PublishedVersions): FunctionDefinition[] {
  const aliases = assembly.ofType('AWS::Lambda::Alias').map((resource) => parseProperties(resource, Alias));
  const rules = assembly.ofType('AWS::Lambda::EventInvokeConfig').map((one) => parseProperties(one, EventInvokeConfig));
  const versions = versionResources(assembly);
  return assembly.ofType('AWS::Lambda::Function').map((resource) => {
    const functionName = assembly.ref(resource.logicalId);
    const properties = parseProperties(resource, FunctionProperties);
    const configuration: FunctionConfiguration = {
      handler: properties.Handler,
      codeDir: codeOf(resource, properties.Code, assembly, published.code),
      environment: properties.Environment.Variables,
      timeoutSeconds: properties.Timeout,
      memoryMb: properties.MemorySize,
      runtime: properties.Runtime,
      logFormat: properties.LoggingConfig?.LogFormat ?? 'Text',
    };
    const ofThis = aliases.filter((alias) => isOf(functionName, alias.FunctionName));
    const aliasesOfThis = Object.fromEntries(ofThis.map((alias) => [alias.Name, alias.FunctionVersion]));
    published.update(functionName, configuration, aliasesOfThis);
    for (const version of versions)
      if (version.functionName === functionName) published.publish(functionName, version.logicalId, configuration);
    const rule = rules.find((one) => isOf(functionName, one.FunctionName));
    return {
      functionName,
      ...configuration,
      ...(properties.ReservedConcurrentExecutions === undefined
        ? {}
        : { reservedConcurrency: properties.ReservedConcurrentExecutions }),
      aliases: aliasesOfThis,
      ...(rule ? { asynchronous: asynchronousOf(rule) } : {}),
    };
  });
}

/** Tells the assembly the numbers of all versions in it, before anything that names them is resolved. */
export function numberVersions(assembly: Assembly, published: PublishedVersions): void {
  const resources = versionResources(assembly);
  const numbers = published.number(resources);
  const { partition, region, account } = assembly.place;
  for (const [index, { functionName, logicalId }] of resources.entries()) {
    const arn = `arn:${partition}:lambda:${region}:${account}:function:${functionName}:${numbers[index]}`;
    assembly.know(logicalId, 'Version', numbers[index]!);
    assembly.know(logicalId, 'Ref', arn);
    assembly.know(logicalId, 'FunctionArn', arn);
  }
}

function versionResources(assembly: Assembly) {
  return assembly.ofType('AWS::Lambda::Version').map(({ logicalId, properties }) => {
    return { logicalId, functionName: nameIn(String(properties.FunctionName)) };
  });
}

function codeOf(
  resource: Resource,
  code: { S3Key?: string | undefined; ZipFile?: string | undefined },
  assembly: Assembly,
  kept: CodeStore,
): string {
  if (code.ZipFile !== undefined) return kept.keepInline(code.ZipFile);
  const path = code.S3Key === undefined ? undefined : assembly.assetPath(code.S3Key);
  if (path === undefined)
    throw new CannotStart(`${resource.logicalId} (${resource.type}): its code is not an asset of the app.`);
  if (/\.(zip|jar)$/.test(path)) {
    throw new CannotStart(
      `${resource.logicalId} (${resource.type}): its code is an archive, only folders run locally.`,
    );
  }
  return kept.keep(path);
}

function asynchronousOf(rule: z.infer<typeof EventInvokeConfig>): AsynchronousConfiguration {
  const onFailureArn = rule.DestinationConfig?.OnFailure?.Destination;
  return {
    ...(rule.MaximumRetryAttempts === undefined ? {} : { maximumRetryAttempts: rule.MaximumRetryAttempts }),
    ...(rule.MaximumEventAgeInSeconds === undefined ? {} : { maximumEventAgeSeconds: rule.MaximumEventAgeInSeconds }),
    ...(onFailureArn === undefined ? {} : { onFailureArn }),
  };
}

/** Templates name a function by its name or by an ARN. */
const nameIn = (nameOrArn: string) => nameOrArn.match(/:function:([^:]+)/)?.[1] ?? nameOrArn;
const isOf = (functionName: string, nameOrArn: unknown) => nameIn(String(nameOrArn)) === functionName;
