import { AsyncLocalStorage } from 'node:async_hooks';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** One call of AWS that a handler was about to make. */
export interface Call {
  /** As the SDK names it: `DynamoDB`, `SFN`, ... */
  service: string;
  /** `UpdateCommand`, `SendTaskSuccessCommand`, ... */
  operation: string;
  input: Readonly<Record<string, unknown>>;
  /** Makes the call for real, with this input or another one. */
  send(input?: object): Promise<unknown>;
}
export type Reply = { output: unknown } | { error: Error };
/** How a handler goes on after some replies: with its next call, or it has ended. */
export type Next = { call: Call } | { returned: unknown } | { threw: unknown };

interface Run {
  replies: Reply[];
  stopAt(call: Call): void;
}

type Send = (command: object, ...rest: unknown[]) => Promise<unknown>;

/**
 * Lets a handler run as far as the replies go that its calls have got so far, and no further. A handler is a function of
 * its event and of these replies, so one that was stopped between two calls can go on at any later time, from anywhere, as
 * often as one likes. What has got no reply never gets one: the handler hangs there, like one whose process was killed.
 *
 * @param passes calls that are made for real at once and are no place to stop: reads of what never changes
 */
export function stopHandlersAtCalls(passes: (call: Call) => boolean) {
  const runs = new AsyncLocalStorage<Run>();
  const prototype = ownerOfSend(DynamoDBClient.prototype);
  const real = prototype.send;

  prototype.send = function (this: { config: { serviceId: string } }, command: object, ...rest: unknown[]) {
    const run = runs.getStore();
    const make = (what: object) => runs.exit(() => real.call(this, what, ...rest));
    if (!run) return make(command);
    const call = callOf(this.config.serviceId, command as Command, make);
    if (passes(call)) return make(command);
    const reply = run.replies.shift();
    if (!reply) {
      run.stopAt(call);
      return new Promise(() => {});
    }
    return 'error' in reply ? Promise.reject(reply.error) : Promise.resolve(structuredClone(reply.output));
  } as Send;

  return {
    next: (handle: () => Promise<unknown>, replies: readonly Reply[]): Promise<Next> =>
      new Promise((resolve) => {
        const run: Run = { replies: [...replies], stopAt: (call) => resolve({ call }) };
        runs.run(run, () =>
          handle().then(
            (returned) => resolve({ returned }),
            (threw) => resolve({ threw }),
          ),
        );
      }),
    restore: () => {
      prototype.send = real;
    },
  };
}

type Command = { input: Record<string, unknown>; constructor: new (input: object) => object };

function callOf(service: string, command: Command, make: (command: object) => Promise<unknown>): Call {
  const { input, constructor: Operation } = command;
  return { service, operation: Operation.name, input, send: (other = input) => make(new Operation(other)) };
}

/** All clients of the SDK inherit the one `send`. */
function ownerOfSend(prototype: object): { send: Send } {
  let owner = prototype;
  while (!Object.hasOwn(owner, 'send')) owner = Object.getPrototypeOf(owner);
  return owner as { send: Send };
}
