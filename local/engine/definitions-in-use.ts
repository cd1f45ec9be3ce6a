import type { Journal } from './journal.ts';
import { redrivableMs } from './limits.ts';
import type { Clock } from './ports.ts';

/**
 * The texts of the definitions that something can still run by: those of executions that run, or that ended otherwise than well and may be
 * redriven, those of the state machines themselves, and those of the versions that aliases route to. Each text once.
 */
export function definitionsInUse({ database }: Journal, clock: Pick<Clock, 'now'>): string[] {
  const rows = database
    .prepare(`SELECT text FROM definitions WHERE id IN (
      SELECT definition_id FROM executions WHERE status = 'RUNNING'
      UNION SELECT definition_id FROM executions WHERE status <> 'RUNNING' AND status <> 'SUCCEEDED' AND stopped_at >= ?
      UNION SELECT definition_id FROM state_machines
      UNION SELECT definition_id FROM versions WHERE arn IN (
        SELECT json_extract(route.value, '$.stateMachineVersionArn') FROM aliases, json_each(aliases.routing) AS route
      )
    ) ORDER BY id`)
    .all(clock.now() - redrivableMs) as { text: string }[];
  return rows.map(({ text }) => text);
}
