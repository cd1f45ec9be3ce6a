import { CannotStart } from '../../cannot-start.ts';
import { type JsonClient, JsonServiceError } from '../event-sources/json-client.ts';
import type { TableSpec } from './table-spec.ts';

interface TableDescription {
  KeySchema: { AttributeName: string; KeyType: string }[];
  GlobalSecondaryIndexes?: { IndexName: string }[];
  LatestStreamArn?: string;
}

/** Makes the tables that are missing and brings the others to what the template says; data stays. Returns the stream ARNs by table name. */
export async function createTables(client: JsonClient, specs: TableSpec[]): Promise<Map<string, string>> {
  const streams = await Promise.all(
    specs.map(async (spec) => [spec.tableName, await createOrUpdate(client, spec)] as const),
  );
  return new Map(streams.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

async function createOrUpdate(client: JsonClient, spec: TableSpec): Promise<string | undefined> {
  try {
    const { TableDescription }: { TableDescription: TableDescription } = await client.call('CreateTable', {
      TableName: spec.tableName,
      AttributeDefinitions: spec.AttributeDefinitions,
      KeySchema: spec.KeySchema,
      // Capacity is nothing that a laptop has; provisioned tables run like on-demand ones.
      BillingMode: 'PAY_PER_REQUEST',
      ...(spec.GlobalSecondaryIndexes.length > 0 ? { GlobalSecondaryIndexes: spec.GlobalSecondaryIndexes } : {}),
      ...(spec.LocalSecondaryIndexes.length > 0 ? { LocalSecondaryIndexes: spec.LocalSecondaryIndexes } : {}),
      ...(spec.StreamSpecification ? { StreamSpecification: streamSpecification(spec) } : {}),
    });
    const { AttributeName, Enabled } = spec.TimeToLiveSpecification ?? { Enabled: false };
    if (Enabled) {
      await client.call('UpdateTimeToLive', {
        TableName: spec.tableName,
        TimeToLiveSpecification: { AttributeName, Enabled },
      });
    }
    return TableDescription.LatestStreamArn;
  } catch (error) {
    if (error instanceof JsonServiceError && error.name === 'ResourceInUseException') return await update(client, spec);
    throw new CannotStart(`The table ${spec.logicalId} cannot be created: ${(error as Error).message}.`);
  }
}

/** As CloudFormation would: indexes and the stream change in place, another key would be another table. */
async function update(client: JsonClient, spec: TableSpec): Promise<string | undefined> {
  const { TableName, existing } = { TableName: spec.tableName, existing: await describe(client, spec) };
  if (keyOf(existing.KeySchema) !== keyOf(spec.KeySchema)) {
    throw new CannotStart(
      `The table ${spec.logicalId} has the key (${keyOf(existing.KeySchema)}) in the state folder and (${keyOf(spec.KeySchema)}) in the template; choose another state folder or name the table differently.`,
    );
  }
  const has = new Set(existing.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName));
  const wanted = new Set(spec.GlobalSecondaryIndexes.map(({ IndexName }) => IndexName));
  const changes = [
    ...[...has].filter((name) => !wanted.has(name)).map((IndexName) => ({ Delete: { IndexName } })),
    ...spec.GlobalSecondaryIndexes.filter(({ IndexName }) => !has.has(IndexName)).map((Create) => ({ Create })),
  ];
  for (const change of changes) {
    await client.call('UpdateTable', {
      TableName,
      AttributeDefinitions: spec.AttributeDefinitions,
      GlobalSecondaryIndexUpdates: [change],
    });
  }
  if (!spec.StreamSpecification || existing.LatestStreamArn) return existing.LatestStreamArn;
  await client.call('UpdateTable', { TableName, StreamSpecification: streamSpecification(spec) });
  return (await describe(client, spec)).LatestStreamArn;
}

async function describe(client: JsonClient, spec: TableSpec): Promise<TableDescription> {
  const { Table }: { Table: TableDescription } = await client.call('DescribeTable', { TableName: spec.tableName });
  return Table;
}

const streamSpecification = (spec: TableSpec) => ({ StreamEnabled: true, ...spec.StreamSpecification });

const keyOf = (schema: { AttributeName: string; KeyType: string }[]) =>
  schema.map(({ AttributeName, KeyType }) => `${AttributeName} ${KeyType}`).join(', ');
