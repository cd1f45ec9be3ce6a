import type { Call } from '../../support/exploration/sdk-calls.ts';
import type { Invocation, Stopped } from '../../support/exploration/stopped-handlers.ts';
import type { World } from '../../support/exploration/world.ts';

/** A token that the process makes, and the message that brings it. The first is there from the beginning. */
export interface Token {
  name: string;
  taskToken: string;
  /** It comes with an answer of its own. */
  ends: boolean;
}

/** Somebody who asks for something, once. `told` throws `Broken` when the answer is not what the tables say. */
export interface Asking {
  invocation: Invocation;
  /** Whether they can ask for it now; absent: always. */
  can?(world: World): boolean;
  told(answer: unknown, world: World, before: World): void;
}

/** What can happen in the histories that are explored together. */
export interface Plot {
  /** In the order in which the process can make them. */
  tokens: readonly Token[];
  askings: readonly Asking[];
  /** The stream loses records, as it does after a day. Who looks for what hangs makes good for it in the end. */
  detector?: { mustAct(world: World): boolean; tells: Asking };
}

export interface Cast {
  openWait(token: Token): Invocation;
  failDeadWait(token: Token): Invocation;
  /** With the item as it was when the record was written (JSON of DynamoDB). */
  deliverAnswer(image: string): Invocation;
  /** Whether the stream hands this image to its consumer. */
  passesFilter(image: string): boolean;
  plots: Record<string, Plot>;
}

export interface Rules {
  /** Throw `Broken`. */
  ofOneCall(before: World, after: World, invocation: Invocation): void;
  ofTheEnd(state: State): void;
}

/** `waiting` in the queue, `taken` in, a `dead` letter, or `failed` by the consumer of dead letters. */
export type Stage = 'waiting' | 'taken' | 'dead' | 'failed';
export type Origin = { message: number } | { deadLetter: number } | { record: string } | { asking: Asking };

export interface Running {
  stopped: Stopped;
  origin: Origin;
}

export interface State {
  world: World;
  /** How many more things may happen. */
  left: number;
  messages: readonly { token: Token; stage: Stage }[];
  /** Images in the stream, oldest first, and those that were delivered. */
  records: readonly string[];
  seen: readonly string[];
  running: readonly Running[];
  asked: readonly Asking[];
  /** A call was cut off, failed or went out twice: then an answer that was delivered may be recorded as too late. */
  faulty: boolean;
}

/** Equal for two states from which the same can happen. */
export function keyOf(
  { world, left, messages, records, seen, running, asked, faulty }: State,
  askings: readonly Asking[],
  numberOf: (image: string) => number,
): string {
  const handlers = running.map(({ stopped, origin }) => `${stopped.id} ${originText(origin, numberOf)}`);
  return [
    world.id,
    left,
    messages.map(({ token, stage }) => `${token.name} ${stage}`).join(),
    records.map(numberOf).join(),
    seen.map(numberOf).sort().join(),
    handlers.sort().join(),
    askings.map((asking) => Number(asked.includes(asking))).join(''),
    faulty,
  ].join('|');
}

const originText = (origin: Origin, numberOf: (image: string) => number): string =>
  'record' in origin ? `r${numberOf(origin.record)}` : 'asking' in origin ? 'a' : JSON.stringify(origin);

export const callOf = ({ stopped: { next } }: Running): Call | undefined => ('call' in next ? next.call : undefined);

/** A transaction carries a token of its own that makes sending it twice the same as once; reading twice is reading. */
export const mayBeSentTwice = ({ operation }: Call) => !/^(Get|Query|TransactWrite)/.test(operation);

export const isSeen = (places: readonly string[]) => places.some((place) => /^(waits|task|schedule) /.test(place));

export function changedWaits(before: World, after: World): string[] {
  const changed: string[] = [];
  for (const [place, image] of after.holds)
    if (place.startsWith('waits ') && before.holds.get(place) !== image) changed.push(image);
  return changed;
}

export function sameOrigin(a: Origin, b: Origin): boolean {
  if ('record' in a) return 'record' in b && a.record === b.record;
  if ('asking' in a) return 'asking' in b && a.asking === b.asking;
  if ('message' in a) return 'message' in b && a.message === b.message;
  return 'deadLetter' in b && a.deadLetter === b.deadLetter;
}
