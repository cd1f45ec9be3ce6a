import type { StateMachineRow, VersionRow } from '../../engine/state-machine-store.ts';
import { optional } from './answer.ts';

/** What all descriptions of a state machine or version have in common. */
export function describedStateMachine(row: StateMachineRow | VersionRow, definition: string) {
  return {
    stateMachineArn: row.arn,
    definition,
    roleArn: row.roleArn,
    loggingConfiguration: row.logging ? JSON.parse(row.logging) : { level: 'OFF', includeExecutionData: false },
    tracingConfiguration: row.tracing ? JSON.parse(row.tracing) : { enabled: false },
    ...optional('revisionId', row.revisionId),
  };
}
