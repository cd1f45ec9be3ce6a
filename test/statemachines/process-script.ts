import { drive, type InterpreterDriver, type TaskReport } from '../support/interpreter-driver.ts';
import { orderDefinition } from '../support/order-definition.ts';

/** What a task does at each of its calls; the last goes on for ever. `silent`: nobody answers, so its timeout ends it. */
export type Act =
  | 'ok'
  | 'silent'
  | { error: string; cause?: string | undefined }
  | { action: string; detail?: object }
  | { result: object };

export type Script = Readonly<Record<string, Act | Act[]>>;

/** One task as it was begun: which state, with which payload or message. */
export interface Call {
  state: string;
  arguments: Record<string, unknown>;
}

export interface Run {
  driver: InterpreterDriver;
  status: string;
  output: unknown;
  /** Every attempt of every task, in order. */
  calls: Call[];
  /** The states that were entered, in order. */
  path: string[];
  callsOf(state: string): Record<string, unknown>[];
}

export const order = { orderId: 'ord_1', paymentToken: 'tok_visa', lines: [{ sku: 'cup', quantity: 1 }] };

/** What is run, if it is not an order from its beginning. */
export interface Begun {
  definition?: string;
  input?: unknown;
  name?: string;
  /** How often each task was called before: its script goes on there. */
  callsBefore?: Readonly<Record<string, number>>;
}

/** Runs the process, every task scripted by its state's name; what is not in the script goes well. */
export async function runProcess(
  script: Script = {},
  startedAt = Date.UTC(2030, 0, 1),
  { definition = orderDefinition, input = order, name = order.orderId, callsBefore = {} }: Begun = {},
): Promise<Run> {
  const calls: Call[] = [];
  const driver = await drive({
    definition,
    input,
    name,
    startedAt,
    tasks: (task) => {
      const state = task.stateName;
      const number = (callsBefore[state] ?? 0) + calls.filter((call) => call.state === state).length;
      const args = JSON.parse(task.parameters) as Record<string, unknown>;
      calls.push({ state, arguments: args });
      const acts = [script[state] ?? 'ok'].flat();
      return report(state, args, acts[Math.min(number, acts.length - 1)]!);
    },
  });
  return {
    driver,
    status: driver.execution.status,
    output: driver.output,
    calls,
    path: driver.events.flatMap(({ type, stateEnteredEventDetails }) =>
      type.endsWith('StateEntered') ? [String(stateEnteredEventDetails!.name)] : [],
    ),
    callsOf: (state) => calls.filter((call) => call.state === state).map((call) => call.arguments),
  };
}

function report(state: string, args: Record<string, unknown>, act: Act): TaskReport[] {
  if ('MessageBody' in args) return [{ submitted: { MessageId: 'm1' } }, ...answer(state, act)];
  if (act === 'silent') return [];
  if (act === 'ok') return [{ result: { StatusCode: 200, Payload: payloadOf(state, args.Payload as object) } }];
  if ('error' in act) {
    const { error, cause } = 'cause' in act ? act : { ...act, cause: '{"errorMessage":"scripted"}' };
    return [{ error, ...(cause !== undefined && { cause }) }];
  }
  return [{ result: { StatusCode: 200, Payload: 'result' in act ? act.result : act } }];
}

function answer(state: string, act: Act): TaskReport[] {
  if (act === 'silent') return [];
  if (act !== 'ok' && 'error' in act) return [{ afterMs: 1000, error: act.error }];
  const given = act === 'ok' ? { action: defaultAction(state) } : act;
  return [{ afterMs: 1000, result: { ...given, by: 'somebody', at: '2030-01-01T00:00:00.000Z' } }];
}

function defaultAction(state: string): string {
  if (state === 'AwaitOperator') return 'try-again';
  return state.endsWith('Picking') ? 'picked' : 'picked-up';
}

/** What the step's Lambda returns. */
function payloadOf(state: string, payload: object): object {
  const { orderId, outcome } = payload as { orderId: string; outcome?: object };
  if (state === 'CompleteOrder') return { orderId, status: 'completed' };
  return state === 'CloseOrder' ? { orderId, ...outcome } : { orderId };
}
