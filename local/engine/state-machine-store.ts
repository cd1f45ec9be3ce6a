import type { Deployment } from './deployment.ts';
import type { Journal } from './journal.ts';
import type { Route } from './route.ts';

export interface StateMachineRow {
  arn: string;
  name: string;
  type: 'STANDARD' | 'EXPRESS';
  roleArn: string;
  definitionId: number;
  /** Null until the first change: AWS shows no revision id of a state machine as it was created. */
  revisionId: string | null;
  /** JSON text. */
  logging: string | null;
  tracing: string | null;
  /** What a repeated CreateStateMachine must match to count as the same, as one JSON text. */
  createdAs: string;
  /** Version numbers are never used twice, not even after a deletion. */
  lastVersion: number;
  createdAt: number;
}

export interface VersionRow {
  arn: string;
  stateMachineArn: string;
  version: number;
  revisionId: string | null;
  description: string | null;
  roleArn: string;
  definitionId: number;
  logging: string | null;
  tracing: string | null;
  createdAt: number;
}

export interface AliasRow {
  arn: string;
  stateMachineArn: string;
  name: string;
  description: string | null;
  routing: Route[];
  createdAt: number;
  updatedAt: number;
  /** Null for an alias that nobody deployed to. */
  deployment: Deployment | null;
}

type StoredAlias = Omit<AliasRow, 'routing' | 'deployment'> & { routing: string; deployment: string | null };

/** Writes only inside a write of the journal. */
export interface StateMachineStore {
  find(arn: string): StateMachineRow | undefined;
  list(): StateMachineRow[];
  put(row: StateMachineRow): void;
  /** With its versions and aliases. */
  remove(arn: string): void;
  findVersion(arn: string): VersionRow | undefined;
  /** Newest first. */
  versions(stateMachineArn: string): VersionRow[];
  putVersion(row: VersionRow): void;
  removeVersion(arn: string): void;
  findAlias(arn: string): AliasRow | undefined;
  /** Oldest first. */
  aliases(stateMachineArn: string): AliasRow[];
  putAlias(row: AliasRow): void;
  removeAlias(arn: string): void;
}

export function openStateMachineStore(journal: Journal): StateMachineStore {
  const machines = openTable<StateMachineRow>(journal, 'state_machines', 'name', [
    'arn',
    'name',
    'type',
    'roleArn',
    'definitionId',
    'revisionId',
    'logging',
    'tracing',
    'createdAs',
    'lastVersion',
    'createdAt',
  ]);
  const versions = openTable<VersionRow>(journal, 'versions', 'version DESC', [
    'arn',
    'stateMachineArn',
    'version',
    'revisionId',
    'description',
    'roleArn',
    'definitionId',
    'logging',
    'tracing',
    'createdAt',
  ]);
  const aliases = openTable<StoredAlias>(journal, 'aliases', 'created_at, name', [
    'arn',
    'stateMachineArn',
    'name',
    'description',
    'routing',
    'createdAt',
    'updatedAt',
    'deployment',
  ]);
  const parsed = ({ routing, deployment, ...row }: StoredAlias): AliasRow => ({
    ...row,
    routing: JSON.parse(routing) as Route[],
    deployment: deployment === null ? null : (JSON.parse(deployment) as Deployment),
  });

  return {
    find: machines.find,
    list: () => machines.list(),
    put: machines.put,
    remove(arn) {
      for (const version of versions.list(arn)) versions.remove(version.arn);
      for (const alias of aliases.list(arn)) aliases.remove(alias.arn);
      machines.remove(arn);
    },
    findVersion: versions.find,
    versions: versions.list,
    putVersion: versions.put,
    removeVersion: versions.remove,
    findAlias(arn) {
      const row = aliases.find(arn);
      return row && parsed(row);
    },
    aliases: (arn) => aliases.list(arn).map(parsed),
    putAlias: ({ routing, deployment, ...row }) =>
      aliases.put({ ...row, routing: JSON.stringify(routing), deployment: deployment && JSON.stringify(deployment) }),
    removeAlias: aliases.remove,
  };
}

/** A table with the primary key `arn`, whose columns are called like the members of its rows, in snake case. */
function openTable<Row extends { arn: string }>(
  { database }: Journal,
  table: string,
  order: string,
  members: (keyof Row & string)[],
) {
  const column = (member: string) => member.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const select = `SELECT ${members.map((member) => `${column(member)} AS ${member}`).join(', ')} FROM ${table}`;
  const find = database.prepare(`${select} WHERE arn = ?`);
  const all = database.prepare(`${select} ORDER BY ${order}`);
  const ofStateMachine = members.includes('stateMachineArn' as keyof Row & string)
    ? database.prepare(`${select} WHERE state_machine_arn = ? ORDER BY ${order}`)
    : undefined;
  const put = database.prepare(
    `INSERT OR REPLACE INTO ${table} (${members.map(column).join(', ')}) VALUES (${members.map(() => '?').join(', ')})`,
  );
  const remove = database.prepare(`DELETE FROM ${table} WHERE arn = ?`);
  return {
    find: (arn: string) => find.get(arn) as Row | undefined,
    list: (stateMachineArn?: string) =>
      (stateMachineArn === undefined ? all.all() : (ofStateMachine?.all(stateMachineArn) ?? [])) as unknown as Row[],
    put: (row: Row) => {
      put.run(...members.map((member) => row[member] as string | number | null));
    },
    remove: (arn: string) => {
      remove.run(arn);
    },
  };
}
