import { randomUUID } from 'node:crypto';
import { isObject, type JsonObject, parseJson } from '../asl/expression/json-text.ts';
import { findSyntaxProblem } from '../asl/json-syntax.ts';
import { InvalidDefinition, type Machine, parseMachine, type State } from '../asl/machine.ts';
import type { OutstandingTask, Surroundings } from '../asl/signal.ts';
import { type StateTestResult, type TestOutcome, testState } from '../asl/test-state.ts';
import type { Place } from './arn.ts';
import { ServiceError } from './ports.ts';

/** What TestState is asked. Texts are JSON texts. */
export interface StateTestRequest {
  /** A state, or a whole machine of which `stateName` is tested. */
  definition: string;
  stateName?: string | undefined;
  roleArn?: string | undefined;
  input?: string | undefined;
  variables?: string | undefined;
  context?: string | undefined;
  mock?: TestOutcome;
  retriesUsed?: number;
  failedIterations?: number | undefined;
  readItems?: string | undefined;
}

export interface StateTestPorts {
  place: Place;
  runTask(task: OutstandingTask, executionArn: string): Promise<TestOutcome>;
  surroundings(): Surroundings;
}

/** The name that the state goes by while it is tested, as the service has it. */
const testedName = 'StateName';

/** Throws InvalidDefinition, or ValidationException when there is no such state. */
export function stateUnderTest(definition: string, stateName?: string): { machine: Machine; state: State } {
  try {
    const machine = parseMachine(machineOf(definition, stateName));
    const state = machine.states.get(machine.startAt);
    if (state) return { machine, state };
  } catch (error) {
    if (error instanceof InvalidDefinition) throw new ServiceError('InvalidDefinition', error.message);
    throw error;
  }
  throw new ServiceError('ValidationException', 'State not found in definition');
}

/** A machine around the one state: what it leads to is there, too, but never entered. */
function machineOf(definition: string, stateName?: string): string {
  if (findSyntaxProblem(definition)) return definition;
  const whole = JSON.parse(definition) as JsonObject;
  if (!isObject(whole)) return definition;
  let state: JsonObject = whole;
  let text = definition;
  let language = '';
  if (stateName !== undefined) {
    parseMachine(definition);
    const found = findState(whole, stateName, 'JSONPath');
    if (!found) throw new ServiceError('ValidationException', 'State not found in definition');
    state = found.state;
    text = JSON.stringify(state);
    language = `"QueryLanguage":"${found.language}",`;
  }
  const others = [...new Set(targets(state))].filter((name) => name !== testedName);
  const stubs = others.map((name) => `,${JSON.stringify(name)}:{"Type":"Succeed"}`).join('');
  return `{${language}"StartAt":"${testedName}","States":{"${testedName}":${text}${stubs}}}`;
}

/** Also inside Parallel branches and Map processors. */
function findState(
  group: JsonObject,
  name: string,
  inherited: string,
): { state: JsonObject; language: string } | undefined {
  const language = String(group.QueryLanguage ?? inherited);
  for (const [key, state] of Object.entries((group.States ?? {}) as Record<string, JsonObject>)) {
    if (key === name) return { state, language };
    const inner = [state.ItemProcessor, state.Iterator, ...((state.Branches as JsonObject[] | undefined) ?? [])];
    for (const one of inner) {
      const found = isObject(one) ? findState(one, name, language) : undefined;
      if (found) return found;
    }
  }
  return undefined;
}

/** The names of all states that a state may lead to. */
function* targets({ Next, Default, Choices, Catch }: JsonObject): Generator<string> {
  for (const name of [Next, Default]) if (typeof name === 'string') yield name;
  for (const rules of [Choices, Catch]) {
    if (!Array.isArray(rules)) continue;
    for (const rule of rules) if (isObject(rule) && typeof rule.Next === 'string') yield rule.Next;
  }
}

export async function runStateTest(request: StateTestRequest, ports: StateTestPorts): Promise<StateTestResult> {
  const { machine } = stateUnderTest(request.definition, request.stateName);
  const { partition, region, account } = ports.place;
  const prefix = `arn:${partition}:states:${region}:${account}`;
  const [stateMachineName, executionName] = [randomUUID(), randomUUID()];
  const executionArn = `${prefix}:express:${stateMachineName}:${executionName}`;
  const variables = Object.entries(JSON.parse(request.variables ?? '{}') as JsonObject);
  const { context, readItems } = request;
  return testState({
    machine,
    identity: {
      executionArn,
      executionName,
      stateMachineArn: `${prefix}:stateMachine:${stateMachineName}`,
      stateMachineName,
      roleArn: request.roleArn ?? '',
      type: 'EXPRESS',
    },
    input: request.input ?? '{}',
    variables: Object.fromEntries(variables.map(([name, value]) => [name, JSON.stringify(value)])),
    ...(request.mock && { mock: request.mock }),
    retriesUsed: request.retriesUsed ?? 0,
    failedIterations: request.failedIterations ?? 0,
    ...(readItems !== undefined && { readItems }),
    runTask: (task) => ports.runTask(task, executionArn),
    surroundings: {
      ...ports.surroundings(),
      ...(context !== undefined && { context: parseJson(context) as JsonObject }),
    },
  });
}
