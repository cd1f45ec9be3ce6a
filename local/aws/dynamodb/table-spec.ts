import { z } from 'zod';
import type { Assembly, Resource } from '../../template/load-assembly.ts';
import { Flag, parseProperties } from '../../template/parse-properties.ts';

const KeySchema = z.array(z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }));
const Index = z.object({
  IndexName: z.string(),
  KeySchema,
  Projection: z.object({ ProjectionType: z.string().default('ALL'), NonKeyAttributes: z.array(z.string()).optional() }),
});
const Properties = z.object({
  AttributeDefinitions: z.array(z.object({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) })),
  KeySchema,
  GlobalSecondaryIndexes: z.array(Index).default([]),
  LocalSecondaryIndexes: z.array(Index).default([]),
  StreamSpecification: z.object({ StreamViewType: z.string() }).optional(),
  TimeToLiveSpecification: z.object({ AttributeName: z.string().optional(), Enabled: Flag }).optional(),
});

export interface TableSpec extends z.infer<typeof Properties> {
  logicalId: string;
  tableName: string;
}

/** The tables of the template, single-region and global ones alike. */
export function tableSpecs(assembly: Assembly): TableSpec[] {
  return assembly.ofType('AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable').map((resource: Resource) => ({
    logicalId: resource.logicalId,
    tableName: assembly.ref(resource.logicalId),
    ...parseProperties(resource, Properties),
  }));
}
