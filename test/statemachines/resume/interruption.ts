import type { ResumeInput } from '../../../statemachines/resume/resume-definition.ts';
import { type Call, type Run, runProcess, type Script } from '../process-script.ts';

/** Where an execution stood when it was stopped, and what had happened in it by then. */
export interface Interruption {
  state: string;
  at: number;
  input: ResumeInput;
  callsBefore: Record<string, number>;
  /** What is left of it. */
  rest: Rest;
}

/** Which states are entered, what their tasks are given, how it ends. Times and tokens are never the same twice. */
export interface Rest {
  path: string[];
  calls: unknown[];
  status: string;
  output: unknown;
  error: unknown;
  cause: unknown;
}

/** Every moment of a run in which a state is entered. */
export function interruptionsOf(
  run: Run,
  { before = {}, first }: { before?: Record<string, number>; first?: Interruption } = {},
): Interruption[] {
  const variables: Record<string, unknown> = {};
  const found: Interruption[] = [];
  let begun = 0;
  const { execution, events } = run.driver;
  for (const { type, timestamp, stateEnteredEventDetails, stateExitedEventDetails } of events) {
    const { assignedVariables = {} } = stateExitedEventDetails ?? {};
    for (const [name, text] of Object.entries(assignedVariables as Record<string, string>))
      variables[name] = JSON.parse(text);
    if (/^(Task|LambdaFunction)Scheduled$/.test(type)) begun += 1;
    if (!stateEnteredEventDetails) continue;
    const state = String(stateEnteredEventDetails.name);
    if (state === 'Resume') continue;
    const callsBefore = { ...before };
    for (const call of run.calls.slice(0, begun)) callsBefore[call.state] = (callsBefore[call.state] ?? 0) + 1;
    found.push({
      state,
      at: timestamp,
      callsBefore,
      input: {
        resumeAt: state,
        input: JSON.parse(String(stateEnteredEventDetails.input)),
        variables: { ...variables },
        execution: first?.input.execution ?? {
          Id: execution.executionArn,
          Input: JSON.parse(execution.input),
          Name: execution.executionName,
          RoleArn: execution.roleArn,
          StartTime: new Date(execution.startedAt).toISOString(),
        },
        resumedFrom: { executionArn: execution.executionArn, state },
      },
      rest: restOf(run, found.length, begun),
    });
  }
  return found;
}

export function restOf(run: Run, entered = 0, begun = 0): Rest {
  const { error, cause } = run.driver.execution;
  return {
    path: run.path.filter((state) => state !== 'Resume').slice(entered),
    calls: run.calls.slice(begun).map(withoutTimes),
    status: run.status,
    output: run.output,
    error,
    // An event's number is another one after a resumption.
    cause: cause?.replace(/#\d+/, '#'),
  };
}

function withoutTimes({ state, arguments: given }: Call): unknown {
  const text = JSON.stringify(given).replaceAll(/"(enteredAt|at|taskToken)":"[^"]*"/g, '"$1":""');
  return { state, arguments: JSON.parse(text) };
}

/** The order goes on in a machine of its own, scripted as it was. */
export function resume(definition: string, { at, input, callsBefore }: Interruption, script: Script): Promise<Run> {
  return runProcess(script, at, { definition, input, name: 'resumed', callsBefore });
}
