import { type TableSpec, tableSpecs } from '../aws/dynamodb/table-spec.ts';
import { queueSpecs } from '../aws/queues/queue-spec.ts';
import type { Assembly } from '../template/load-assembly.ts';

/** What of an app a plan can name, and what requests are told apart by. */
export interface AppNames {
  functions: readonly string[];
  /** With the names of their key attributes. */
  tables: ReadonlyMap<string, readonly string[]>;
  queues: readonly string[];
}

export function appNames(assembly: Assembly): AppNames {
  return {
    functions: assembly.ofType('AWS::Lambda::Function').map(({ logicalId }) => assembly.ref(logicalId)),
    tables: new Map(tableSpecs(assembly).map((table) => [table.tableName, keysOf(table)])),
    queues: queueSpecs(assembly).map(({ name }) => name),
  };
}

const keysOf = ({ KeySchema }: TableSpec) => KeySchema.map(({ AttributeName }) => AttributeName);
