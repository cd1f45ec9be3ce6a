import type { StateMachineRow } from '../../engine/state-machine-store.ts';
import type { StateMachines } from '../../engine/state-machines.ts';
import { variableReferences } from '../../engine/variable-references.ts';
import { optional } from './answer.ts';

type Described = Pick<StateMachineRow, 'roleArn' | 'definitionId' | 'logging' | 'tracing' | 'revisionId'>;

/** What all descriptions of a state machine, a version or an execution's state machine have in common. */
export function describedStateMachine(stateMachines: StateMachines, row: Described) {
  const { text, machine } = stateMachines.definition(row);
  const references = variableReferences(machine);
  return {
    definition: text,
    roleArn: row.roleArn,
    loggingConfiguration: row.logging ? JSON.parse(row.logging) : { level: 'OFF', includeExecutionData: false },
    tracingConfiguration: row.tracing ? JSON.parse(row.tracing) : { enabled: false },
    ...optional('revisionId', row.revisionId),
    ...(Object.keys(references).length > 0 && { variableReferences: references }),
  };
}
