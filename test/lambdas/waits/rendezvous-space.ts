/** Everything that can happen around one wait, call by call: what `explore` walks through. */

import type { Call, Reply } from '../../support/exploration/sdk-calls.ts';
import { Broken, type Move, type Space } from '../../support/exploration/search.ts';
import type { Invocation, Stopped, StoppedHandlers } from '../../support/exploration/stopped-handlers.ts';
import { type TaskState, taskPlace, taskText, type World, type Worlds } from '../../support/exploration/world.ts';

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

export interface Cast {
  /** In the order in which the process can make them. */
  tokens: readonly Token[];
  openWait(token: Token): Invocation;
  failDeadWait(token: Token): Invocation;
  /** With the item as it was when the record was written (JSON of DynamoDB). */
  deliverAnswer(image: string): Invocation;
  /** Whether the stream hands this image to its consumer. */
  passesFilter(image: string): boolean;
  /** Who may ask for something, in each of the plots that are explored. */
  plots: Record<string, readonly Asking[]>;
}

export interface Rules {
  /** Throw `Broken`. */
  ofOneCall(before: World, after: World, invocation: Invocation): void;
  ofTheEnd(state: State): void;
}

/** `waiting` in the queue, `taken` in, a `dead` letter, or `failed` by the consumer of dead letters. */
type Stage = 'waiting' | 'taken' | 'dead' | 'failed';
type Origin = { message: number } | { deadLetter: number } | { record: string } | { asking: Asking };

interface Running {
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

interface Stand {
  worlds: Worlds;
  handlers: StoppedHandlers;
  cast: Cast;
  askings: readonly Asking[];
  rules: Rules;
  /** What is sent instead of a call's own input. */
  inputOf?(call: Call, by: string): object;
}

export function rendezvous(
  { worlds, handlers, cast, askings, rules, inputOf = (call) => call.input }: Stand,
  start: State,
): Space<State> {
  const images = new Map<string, number>();
  const numberOf = (image: string) => images.get(image) ?? images.set(image, images.size).size - 1;

  /** Starts a handler, up to and with its first call: before that it has done nothing. */
  function begin(state: State, invocation: Invocation, origin: Origin): State | Promise<State> {
    return after(handlers.begin(invocation), (stopped) => {
      const running = { stopped, origin };
      return step({ ...state, running: [...state.running, running] }, running);
    });
  }

  /** The next call of a handler takes effect, and the handler goes on to the one after that. */
  function step(state: State, running: Running): State | Promise<State> {
    const call = callOf(running);
    if (!call) return ended(state, running, state.world);
    return after(
      worlds.effectOf(state.world, call, inputOf(call, running.stopped.invocation.name)),
      ({ world, reply, replyId }) => goOn(written(state, world, running), running, reply, replyId, state.world),
    );
  }

  function goOn(
    state: State,
    running: Running,
    reply: Reply,
    replyId: number,
    before = state.world,
  ): State | Promise<State> {
    return after(handlers.goOn(running.stopped, reply, replyId), (stopped) => {
      const further = { ...running, stopped };
      const next = { ...state, running: state.running.map((each) => (each === running ? further : each)) };
      return callOf(further) ? next : ended(next, further, before);
    });
  }

  /** The network swallowed the answer to a call, so the SDK makes it again. */
  function stepTwice(state: State, running: Running): State | Promise<State> {
    const call = callOf(running)!;
    return after(worlds.effectOf(state.world, call, inputOf(call, running.stopped.invocation.name)), ({ world }) => {
      const once = written({ ...state, faulty: true }, world, running);
      return step(once, running);
    });
  }

  /** The state with a changed world; what changed in the waits' table goes into the stream. */
  function written(state: State, world: World, { stopped }: Running): State {
    if (world === state.world) return state;
    rules.ofOneCall(state.world, world, stopped.invocation);
    const fresh = changedWaits(state.world, world).filter((image) => cast.passesFilter(image));
    return { ...state, world, records: [...state.records, ...fresh] };
  }

  function ended(state: State, running: Running, before: World): State {
    const { origin, stopped } = running;
    const next = { ...state, running: state.running.filter((each) => each !== running) };
    if ('asking' in origin) {
      if ('returned' in stopped.next) origin.asking.told(stopped.next.returned, state.world, before);
      else if (!state.faulty)
        throw new Broken(`${stopped.invocation.name} fails: ${(stopped.next as { threw: Error }).threw}`);
      return next;
    }
    const taken = 'returned' in stopped.next && (stopped.next.returned as string[]).length === 0;
    if (!taken) {
      if (!state.faulty) throw new Broken(`${stopped.invocation.name} fails`);
      return next;
    }
    if ('record' in origin) {
      const { record } = origin;
      const records = next.records[0] === record ? next.records.slice(1) : next.records;
      return { ...next, records, seen: next.seen.includes(record) ? next.seen : [...next.seen, record] };
    }
    if ('message' in origin) return moved(next, origin.message, 'waiting', 'taken');
    return moved(next, origin.deadLetter, 'dead', 'failed');
  }

  function moved(state: State, message: number, from: Stage, to: Stage): State {
    const messages = state.messages.map((each, at) =>
      at === message && each.stage === from ? { ...each, stage: to } : each,
    );
    return { ...state, messages };
  }

  const openWait = (state: State, message: number) =>
    begin(state, cast.openWait(state.messages[message]!.token), { message });
  const failDeadWait = (state: State, message: number) =>
    begin(moved(state, message, 'waiting', 'dead'), cast.failDeadWait(state.messages[message]!.token), {
      deadLetter: message,
    });
  const deliver = (state: State, record: string) => begin(state, cast.deliverAnswer(record), { record });

  function newToken(state: State, token: Token): State {
    const world = worlds.with(endOfTask(state), taskPlace(token.taskToken), taskText({ open: true, taken: [] }));
    return { ...state, world, messages: [...state.messages, { token, stage: 'waiting' }] };
  }

  const ends = new Map<World, World>();

  /** The newest task does not wait any more, if it did. */
  function endOfTask({ world, messages }: State): World {
    const known = ends.get(world);
    if (known) return known;
    const place = taskPlace(messages.at(-1)!.token.taskToken);
    const task = JSON.parse(world.holds.get(place)!) as TaskState;
    const end = task.open ? worlds.with(world, place, taskText({ ...task, open: false })) : world;
    ends.set(world, end);
    return end;
  }

  /** How a handler that was stopped goes on. */
  function movesOf(state: State, running: Running): Move<State>[] {
    const call = callOf(running)!;
    const { name } = running.stopped.invocation;
    const what = `${name}: ${call.operation.replace('Command', '')}`;
    const moves: Move<State>[] = [{ what, after: () => step(state, running) }];
    if (state.left === 0) return moves;
    const faulty = { ...state, left: state.left - 1, faulty: true };
    moves.push(
      {
        what: `${name} dies before ${call.operation}`,
        after: () => ({ ...faulty, running: state.running.filter((each) => each !== running) }),
      },
      { what: `${what} fails`, after: () => goOn(faulty, running, throttled, -1) },
    );
    if (mayBeSentTwice(call)) moves.push({ what: `${what}, twice`, after: () => stepTwice(faulty, running) });
    return moves;
  }

  /** What comes from outside. */
  function happenings(before: State): Move<State>[] {
    const state = { ...before, left: before.left - 1 };
    const { messages, records, seen, running, asked } = state;
    const inFlight = (origin: Origin) => running.some((each) => sameOrigin(each.origin, origin));
    const moves: Move<State>[] = [];
    messages.forEach(({ token, stage }, message) => {
      const again = stage === 'taken' || inFlight({ message });
      if (stage === 'waiting' || again)
        moves.push({
          what: `the ${token.name} message comes${again ? ' again' : ''}`,
          after: () => openWait(state, message),
        });
      if ((stage === 'waiting' && !again) || stage === 'dead')
        moves.push({
          what: `the ${token.name} message comes as a dead letter`,
          after: () => failDeadWait(state, message),
        });
    });
    const [oldest] = records;
    if (oldest !== undefined && !inFlight({ record: oldest }))
      moves.push({ what: 'the stream delivers', after: () => deliver(state, oldest) });
    const repeatable = new Set([
      ...seen,
      ...running.flatMap(({ origin }) => ('record' in origin ? origin.record : [])),
    ]);
    for (const record of repeatable)
      moves.push({ what: 'the stream delivers again', after: () => deliver(state, record) });
    for (const asking of askings)
      if (!asked.includes(asking) && (asking.can?.(state.world) ?? true))
        moves.push({
          what: asking.invocation.name,
          after: () => begin({ ...state, asked: [...asked, asking] }, asking.invocation, { asking }),
        });
    const made = cast.tokens.indexOf(messages.at(-1)!.token) + 1;
    for (const token of cast.tokens.slice(made))
      moves.push({ what: `the process makes the ${token.name} token`, after: () => newToken(state, token) });
    if (endOfTask(state) !== state.world)
      moves.push({ what: 'the task times out', after: () => ({ ...state, world: endOfTask(state) }) });
    return moves;
  }

  return {
    start,
    keyOf: ({ world, left, messages, records, seen, running, asked, faulty }) =>
      [
        world.id,
        left,
        messages.map(({ token, stage }) => `${token.name} ${stage}`).join(),
        records.map(numberOf).join(),
        seen.map(numberOf).sort().join(),
        running
          .map(({ stopped, origin }) => `${stopped.id} ${originText(origin, numberOf)}`)
          .sort()
          .join(),
        askings.map((asking) => Number(asked.includes(asking))).join(''),
        faulty,
      ].join('|'),

    movesFrom(state) {
      // A call that nobody else can see (a mail) may as well be next: its place among the others makes no difference.
      const unseen = state.running.find((running) => !isSeen(worlds.placesOf(callOf(running)!)));
      if (unseen) return movesOf(state, unseen);
      const moves = state.running.flatMap((running) => movesOf(state, running));
      return state.left > 0 ? [...moves, ...happenings(state)] : moves;
    },

    restOf(before) {
      const state = before.left === 0 ? before : { ...before, left: 0 };
      const [running] = state.running;
      if (running) return movesOf(state, running)[0];
      const waiting = state.messages.findIndex(({ stage }) => stage === 'waiting');
      if (waiting >= 0) return { what: 'its message comes', after: () => openWait(state, waiting) };
      const dead = state.messages.findIndex(({ stage }) => stage === 'dead');
      if (dead >= 0) return { what: 'its dead letter comes', after: () => failDeadWait(state, dead) };
      const [record] = state.records;
      if (record !== undefined) return { what: 'the stream delivers', after: () => deliver(state, record) };
      rules.ofTheEnd(state);
      return undefined;
    },
  };
}

const throttled: Reply = { error: Object.assign(new Error('not now'), { name: 'ThrottlingException' }) };

const callOf = ({ stopped: { next } }: Running): Call | undefined => ('call' in next ? next.call : undefined);

/** A transaction carries a token of its own that makes sending it twice the same as once; reading twice is reading. */
const mayBeSentTwice = ({ operation }: Call) => !/^(Get|Query|TransactWrite)/.test(operation);

const isSeen = (places: readonly string[]) => places.some((place) => /^(waits|task) /.test(place));

function changedWaits(before: World, after: World): string[] {
  const changed: string[] = [];
  for (const [place, image] of after.holds)
    if (place.startsWith('waits ') && before.holds.get(place) !== image) changed.push(image);
  return changed;
}

const originText = (origin: Origin, numberOf: (image: string) => number): string =>
  'record' in origin ? `r${numberOf(origin.record)}` : 'asking' in origin ? 'a' : JSON.stringify(origin);

function sameOrigin(a: Origin, b: Origin): boolean {
  if ('record' in a) return 'record' in b && a.record === b.record;
  if ('asking' in a) return 'asking' in b && a.asking === b.asking;
  if ('message' in a) return 'message' in b && a.message === b.message;
  return 'deadLetter' in b && a.deadLetter === b.deadLetter;
}

/** Then, without waiting when there is nothing to wait for. */
function after<A, B>(value: A | Promise<A>, then: (value: A) => B | Promise<B>): B | Promise<B> {
  return value instanceof Promise ? value.then(then) : then(value);
}
