import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CannotStart } from '../cannot-start.ts';

const Manifest = z.object({
  artifacts: z
    .record(
      z.string(),
      z.object({
        type: z.string(),
        properties: z
          .object({
            templateFile: z.string(),
            stackName: z.string(),
            file: z.string(),
            tags: z.record(z.string(), z.string()),
          })
          .partial()
          .optional(),
        dependencies: z.array(z.string()).default([]),
      }),
    )
    .default({}),
});

const FileAssets = z.object({
  files: z
    .record(
      z.string(),
      z.object({
        source: z.object({ path: z.string().optional() }),
        destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
      }),
    )
    .default({}),
});

const ResourceEntry = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DependsOn: z.union([z.string(), z.array(z.string())]).optional(),
  Condition: z.string().optional(),
});

const Template = z.object({
  Parameters: z
    .record(z.string(), z.object({ Type: z.string(), Default: z.union([z.string(), z.number()]).optional() }))
    .default({}),
  Mappings: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))).default({}),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Resources: z.record(z.string(), ResourceEntry),
  Outputs: z.record(z.string(), z.object({ Value: z.unknown(), Condition: z.string().optional() })).default({}),
  Transform: z.unknown().optional(),
});

export type Template = z.infer<typeof Template>;

export interface StackArtifact {
  stackName: string;
  template: Template;
  /** Absolute path of what an S3 object key of this stack's assets stands for: a folder or a file; `undefined` if it is not one of them. */
  assetPath(objectKey: string): string | undefined;
}

/**
 * The one stack of a cloud assembly (`cdk.out`), with its template and its assets.
 *
 * Source: https://docs.aws.amazon.com/cdk/v2/guide/deploy.html (cloud assembly), `cloud-assembly-schema`
 */
export function readStack(directory: string, wantedStack?: string): StackArtifact {
  const { artifacts } = read(join(directory, 'manifest.json'), Manifest, 'a cloud assembly');
  const stacks = Object.entries(artifacts).filter(([, artifact]) => artifact.type === 'aws:cloudformation:stack');
  const names = stacks.map(([id, artifact]) => artifact.properties?.stackName ?? id);
  const position = wantedStack === undefined ? 0 : names.indexOf(wantedStack);
  const [, artifact] = stacks[position] ?? [];
  if (!artifact || (wantedStack === undefined && stacks.length > 1)) {
    const found = names.length > 0 ? `it has ${names.join(', ')}` : 'it has none';
    throw new CannotStart(`Expected ${wantedStack ?? 'one stack'} in ${directory}: ${found}.`);
  }
  const templateFile = artifact.properties?.templateFile;
  if (!templateFile) throw new CannotStart(`The stack ${names[position]} in ${directory} has no template file.`);

  const assets = new Map<string, string>();
  for (const dependency of artifact.dependencies) {
    const file = artifacts[dependency]?.type === 'cdk:asset-manifest' && artifacts[dependency].properties?.file;
    if (!file) continue;
    for (const asset of Object.values(read(join(directory, file), FileAssets, 'an asset manifest').files)) {
      const { path } = asset.source;
      if (path === undefined) continue;
      for (const { objectKey } of Object.values(asset.destinations)) assets.set(objectKey, join(directory, path));
    }
  }
  const template = read(join(directory, templateFile), Template, 'a CloudFormation template');
  if (template.Transform !== undefined) throw new CannotStart('Templates with a Transform do not run locally.');
  return {
    stackName: names[position]!,
    template,
    assetPath: (objectKey) => assets.get(objectKey),
  };
}

function read<Schema extends z.ZodType>(file: string, schema: Schema, what: string): z.infer<Schema> {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new CannotStart(`${file} is not ${what}: ${(error as Error).message}.`);
  }
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new CannotStart(`${file} is not ${what}: ${issue?.path.join('.')}: ${issue?.message}.`);
}
