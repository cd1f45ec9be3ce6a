import type { Execution, ExecutionStatus } from '../asl/execution.ts';
import type { HistoryEvent, JournalEntry } from '../asl/history.ts';
import type { Journal } from './journal.ts';

/** One row of the list of executions. Texts are JSON texts, times milliseconds since the epoch. */
export interface ExecutionRow {
  id: number;
  arn: string;
  name: string;
  type: 'STANDARD' | 'EXPRESS';
  stateMachineArn: string;
  versionArn: string | null;
  aliasArn: string | null;
  roleArn: string;
  definitionId: number;
  input: string;
  /** Task token of the task that started it, for a nested execution. */
  startedBy: string | null;
  startedAt: number;
  status: ExecutionStatus;
  stoppedAt: number | null;
  output: string | null;
  error: string | null;
  cause: string | null;
  redriveCount: number;
  /** Of the last redrive. */
  redrivenAt: number | null;
  /** JSON text: the client tokens that it was redriven with lately. */
  redriveTokens: string | null;
}

export interface ExecutionFilter {
  stateMachineArn: string;
  versionArn?: string;
  aliasArn?: string;
  status?: string;
  /** Only executions since the state machine was created: an earlier one with the same name had others. */
  since: number;
  /** Only executions older than this one (ids grow with time). */
  beforeId?: number;
  limit: number;
}

/** Which executions a metric counts. */
export interface EndingFilter {
  stateMachineArn: string;
  versionArn?: string;
  aliasArn?: string;
  status: ExecutionStatus;
  since: number;
}

export interface HistoryPage {
  events: HistoryEvent[];
  /** Id of the first event of the next page. */
  next?: number;
}

export interface ExecutionStore {
  nextId(): number;
  /** These six only inside a write of the journal. */
  insert(row: ExecutionRow): void;
  /** `lastEventId`: before these entries; `row`: how many rows the execution has already; `entries`: JSON text of an array. */
  appendEntries(executionId: number, lastEventId: number, row: number, entries: string): void;
  end(executionId: number, execution: Execution): void;
  /** It runs again. */
  redriven(executionId: number, execution: Execution, redriveTokens: string | null): void;
  remove(executionId: number): void;
  /** Forgets executions that ended before this time; answers how many. */
  prune(endedBefore: number, limit: number): number;

  find(arn: string): ExecutionRow | undefined;
  /** The latest execution whose journal has this text somewhere; reads everything. */
  findByText(text: string): ExecutionRow | undefined;
  running(): ExecutionRow[];
  list(filter: ExecutionFilter): ExecutionRow[];
  /** When executions ended with this status, in order. */
  endings(filter: EndingFilter): number[];
  /** Row by row, as they were appended. */
  entries(executionId: number): JournalEntry[][];
  history(executionId: number, options: { from?: number; limit: number; reverse: boolean }): HistoryPage;
}

/**
 * A row's position is (number of events before it) * this + (number of rows before it): in order, unique even for rows without
 * any event, and found by event id. 25,000 events * 2^32 is far below 2^53.
 */
const rowsPerEvent = 2 ** 32;

const columns = `id, arn, name, type, state_machine_arn AS stateMachineArn, version_arn AS versionArn, alias_arn AS aliasArn,
  role_arn AS roleArn, definition_id AS definitionId, input, started_by AS startedBy, started_at AS startedAt, status,
  stopped_at AS stoppedAt, output, error, cause, redrive_count AS redriveCount, redriven_at AS redrivenAt,
  redrive_tokens AS redriveTokens`;

/** Executions and what happened to them. Reads see what is on the disk, as a restart would. */
export function openExecutionStore(journal: Journal): ExecutionStore {
  const db = journal.database;
  const insert =
    db.prepare(`INSERT INTO executions (id, arn, name, type, state_machine_arn, version_arn, alias_arn, role_arn,
    definition_id, input, started_by, started_at, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const insertEntries = db.prepare('INSERT INTO entries (execution_id, position, entries) VALUES (?, ?, ?)');
  const end = db.prepare(
    'UPDATE executions SET status = ?, stopped_at = ?, output = ?, error = ?, cause = ? WHERE id = ?',
  );
  const redriven = db.prepare(`UPDATE executions SET status = 'RUNNING', stopped_at = NULL, output = NULL, error = NULL,
    cause = NULL, redrive_count = ?, redriven_at = ?, redrive_tokens = ? WHERE id = ?`);
  const find = db.prepare(`SELECT ${columns} FROM executions WHERE arn = ?`);
  const findByText = db.prepare(`SELECT ${columns} FROM executions WHERE id =
    (SELECT max(execution_id) FROM entries WHERE instr(entries, ?) > 0)`);
  const running = db.prepare(`SELECT ${columns} FROM executions WHERE status = 'RUNNING' ORDER BY id`);
  const entriesForward = db.prepare(`SELECT entries FROM entries WHERE execution_id = ?1 AND position >=
    ifnull((SELECT max(position) FROM entries WHERE execution_id = ?1 AND position < ?2), 0) ORDER BY position`);
  const entriesBackward = db.prepare(
    'SELECT entries FROM entries WHERE execution_id = ? AND position < ? ORDER BY position DESC',
  );
  const endings = db.prepare(`SELECT stopped_at AS at FROM executions WHERE state_machine_arn = ?1 AND status = ?2
    AND stopped_at >= ?3 AND (?4 IS NULL OR version_arn = ?4) AND (?5 IS NULL OR alias_arn = ?5) ORDER BY stopped_at`);
  const ended = db.prepare(`SELECT id FROM executions WHERE status <> 'RUNNING' AND stopped_at < ? LIMIT ?`);
  const removeEntries = db.prepare('DELETE FROM entries WHERE execution_id = ?');
  const removeExecution = db.prepare('DELETE FROM executions WHERE id = ?');
  let lastId = (db.prepare('SELECT max(id) AS id FROM executions').get() as { id: number | null }).id ?? 0;

  function remove(executionId: number): void {
    removeEntries.run(executionId);
    removeExecution.run(executionId);
  }

  return {
    nextId() {
      lastId += 1;
      return lastId;
    },
    insert(row) {
      insert.run(
        row.id,
        row.arn,
        row.name,
        row.type,
        row.stateMachineArn,
        row.versionArn,
        row.aliasArn,
        row.roleArn,
        row.definitionId,
        row.input,
        row.startedBy,
        row.startedAt,
        row.status,
      );
    },
    appendEntries(executionId, lastEventId, row, entries) {
      insertEntries.run(executionId, lastEventId * rowsPerEvent + row, entries);
    },
    end(executionId, { status, stoppedAt, output, error, cause }) {
      end.run(status, stoppedAt ?? null, output ?? null, error ?? null, cause ?? null, executionId);
    },
    redriven(executionId, { redriveCount, redrivenAt }, redriveTokens) {
      redriven.run(redriveCount ?? 0, redrivenAt ?? null, redriveTokens, executionId);
    },
    find(arn) {
      return find.get(arn) as ExecutionRow | undefined;
    },
    findByText(text) {
      return findByText.get(text) as ExecutionRow | undefined;
    },
    running() {
      return running.all() as unknown as ExecutionRow[];
    },
    list({ stateMachineArn, versionArn, aliasArn, status, since, beforeId, limit }) {
      const conditions = ['state_machine_arn = ?', "type = 'STANDARD'", 'started_at >= ?'];
      const values: (string | number)[] = [stateMachineArn, since];
      const also = (condition: string, value: string | number | undefined) => {
        if (value === undefined) return;
        conditions.push(condition);
        values.push(value);
      };
      also('version_arn = ?', versionArn);
      also('alias_arn = ?', aliasArn);
      also('status = ?', status);
      also('id < ?', beforeId);
      const sql = `SELECT ${columns} FROM executions WHERE ${conditions.join(' AND ')} ORDER BY id DESC LIMIT ?`;
      return db.prepare(sql).all(...values, limit) as unknown as ExecutionRow[];
    },
    endings({ stateMachineArn, versionArn = null, aliasArn = null, status, since }) {
      const rows = endings.all(stateMachineArn, status, since, versionArn, aliasArn) as { at: number }[];
      return rows.map(({ at }) => at);
    },
    entries(executionId) {
      const rows = entriesForward.all(executionId, 0) as { entries: string }[];
      return rows.map((row) => JSON.parse(row.entries) as JournalEntry[]);
    },
    history(executionId, { from, limit, reverse }) {
      const events: HistoryEvent[] = [];
      // The row that holds event n is the last one that begins with n or an earlier event.
      const end = (from ?? Number.POSITIVE_INFINITY) * rowsPerEvent;
      const rows = reverse
        ? entriesBackward.iterate(executionId, end)
        : entriesForward.iterate(executionId, from ? end : 0);
      for (const { entries } of rows as Iterable<{ entries: string }>) {
        const batch = (JSON.parse(entries) as JournalEntry[]).flatMap(({ event }) => (event ? [event] : []));
        if (reverse) batch.reverse();
        for (const event of batch) {
          if (from !== undefined && (reverse ? event.id > from : event.id < from)) continue;
          if (events.length === limit) return { events, next: event.id };
          events.push(event);
        }
      }
      return { events };
    },
    prune(endedBefore, limit) {
      const rows = ended.all(endedBefore, limit) as { id: number }[];
      for (const { id } of rows) remove(id);
      return rows.length;
    },
    remove,
  };
}
