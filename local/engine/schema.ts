/** Written to `PRAGMA user_version`. Raise it with every change of the tables and say below how an older file is brought up. */
export const schemaVersion = 3;

/** What makes a file of the format before into one of this format. Together they give the tables of `schema`. */
export const migrations: Record<number, string> = {
  2: `
ALTER TABLE executions ADD COLUMN redrive_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE executions ADD COLUMN redriven_at INTEGER;
ALTER TABLE executions ADD COLUMN redrive_tokens TEXT;
`,
  3: 'ALTER TABLE aliases ADD COLUMN deployment TEXT;',
};

/** `PRAGMA application_id`: tells our file from any other SQLite file ("WAYB"). */
export const applicationId = 0x57415942;

/**
 * One file holds everything that a restart needs.
 *
 * An execution's entries are stored as they were appended: one row per append, several entries in it, because they became
 * durable together and are read together. The table itself is in the order of writing: what is committed together lies together
 * on few pages, whichever executions it belongs to, and that is what a commit costs.
 */
export const schema = `
CREATE TABLE facts (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE checkpoints (
  source TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (source, key)
) WITHOUT ROWID;

CREATE TABLE definitions (
  id INTEGER PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  text TEXT NOT NULL
);

CREATE TABLE state_machines (
  arn TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  role_arn TEXT NOT NULL,
  definition_id INTEGER NOT NULL,
  revision_id TEXT,
  logging TEXT,
  tracing TEXT,
  created_as TEXT NOT NULL,
  last_version INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE versions (
  arn TEXT PRIMARY KEY,
  state_machine_arn TEXT NOT NULL,
  version INTEGER NOT NULL,
  revision_id TEXT,
  description TEXT,
  role_arn TEXT NOT NULL,
  definition_id INTEGER NOT NULL,
  logging TEXT,
  tracing TEXT,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE aliases (
  arn TEXT PRIMARY KEY,
  state_machine_arn TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  routing TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  deployment TEXT
) WITHOUT ROWID;

CREATE TABLE executions (
  id INTEGER PRIMARY KEY,
  arn TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  state_machine_arn TEXT NOT NULL,
  version_arn TEXT,
  alias_arn TEXT,
  role_arn TEXT NOT NULL,
  definition_id INTEGER NOT NULL,
  input TEXT NOT NULL,
  started_by TEXT,
  started_at INTEGER NOT NULL,
  status TEXT NOT NULL,
  stopped_at INTEGER,
  output TEXT,
  error TEXT,
  cause TEXT,
  redrive_count INTEGER NOT NULL DEFAULT 0,
  redriven_at INTEGER,
  redrive_tokens TEXT
);
CREATE INDEX executions_by_state_machine ON executions (state_machine_arn, id);
CREATE INDEX executions_running ON executions (id) WHERE status = 'RUNNING';
CREATE INDEX executions_ended ON executions (stopped_at) WHERE status <> 'RUNNING';

CREATE TABLE entries (
  id INTEGER PRIMARY KEY,
  execution_id INTEGER NOT NULL,
  position INTEGER NOT NULL,
  entries TEXT NOT NULL
);
CREATE UNIQUE INDEX entries_by_execution ON entries (execution_id, position);
`;
