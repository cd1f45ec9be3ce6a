import type { Call, Reply } from '../../support/exploration/sdk-calls.ts';
import { Broken, type Move, type Space } from '../../support/exploration/search.ts';
import type { Invocation, StoppedHandlers } from '../../support/exploration/stopped-handlers.ts';
import { type TaskState, taskPlace, taskText, type World, type Worlds } from '../../support/exploration/world.ts';
import {
  type Asking,
  type Cast,
  callOf,
  changedWaits,
  isSeen,
  keyOf,
  mayBeSentTwice,
  type Origin,
  type Plot,
  type Rules,
  type Running,
  type Stage,
  type State,
  sameOrigin,
  type Token,
} from './rendezvous-state.ts';

interface Stand {
  worlds: Worlds;
  handlers: StoppedHandlers;
  cast: Cast;
  plot: Plot;
  rules: Rules;
  /** What is sent instead of a call's own input. */
  inputOf?(call: Call, by: string): object;
}

/** A handler that may be called. */
interface Beginning {
  what: string;
  state: State;
  invocation: Invocation;
  origin: Origin;
}

/** Everything that can happen around one wait, call by call. */
export function rendezvous(
  { worlds, handlers, cast, plot, rules, inputOf = (call) => call.input }: Stand,
  start: State,
): Space<State> {
  const { tokens, askings } = plot;
  const images = new Map<string, number>();
  const numberOf = (image: string) => images.get(image) ?? images.set(image, images.size).size - 1;

  /** Starts a handler, up to and with its first call: before that it has done nothing. */
  function begin({ state, invocation, origin }: Beginning): State | Promise<State> {
    return after(handlers.begin(invocation), (stopped) => {
      const running = { stopped, origin };
      return step({ ...state, running: [...state.running, running] }, running);
    });
  }

  function beginTwice({ state, invocation, origin }: Beginning): State | Promise<State> {
    return after(handlers.begin(invocation), (stopped) => {
      const running = { stopped, origin };
      const begun = { ...state, running: [...state.running, running] };
      const call = callOf(running);
      return call && mayBeSentTwice(call) ? stepTwice(begun, running) : step(begun, running);
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

  const opening = (state: State, message: number): Beginning => ({
    what: 'its message comes',
    state,
    invocation: cast.openWait(state.messages[message]!.token),
    origin: { message },
  });
  const failing = (state: State, message: number): Beginning => ({
    what: 'its dead letter comes',
    state: moved(state, message, 'waiting', 'dead'),
    invocation: cast.failDeadWait(state.messages[message]!.token),
    origin: { deadLetter: message },
  });
  const delivering = (state: State, record: string): Beginning => ({
    what: 'the stream delivers',
    state,
    invocation: cast.deliverAnswer(record),
    origin: { record },
  });

  const askedBy = (state: State, asking: Asking): Beginning => ({
    what: asking.invocation.name,
    state,
    invocation: asking.invocation,
    origin: { asking },
  });

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

  const moveOf = (beginning: Beginning): Move<State> => ({ what: beginning.what, after: () => begin(beginning) });

  /** The handlers that may be called next. */
  function beginnings(state: State): Beginning[] {
    const { messages, records, seen, running, asked } = state;
    const inFlight = (origin: Origin) => running.some((each) => sameOrigin(each.origin, origin));
    const found: Beginning[] = [];
    messages.forEach(({ token, stage }, message) => {
      const again = stage === 'taken' || inFlight({ message });
      if (stage === 'waiting' || again)
        found.push({ ...opening(state, message), what: `the ${token.name} message comes${again ? ' again' : ''}` });
      if ((stage === 'waiting' && !again) || stage === 'dead')
        found.push({ ...failing(state, message), what: `the ${token.name} message comes as a dead letter` });
    });
    const [oldest] = records;
    if (oldest !== undefined && !inFlight({ record: oldest })) found.push(delivering(state, oldest));
    const delivered = [...seen, ...running.flatMap(({ origin }) => ('record' in origin ? origin.record : []))];
    for (const record of new Set(delivered))
      found.push({ ...delivering(state, record), what: 'the stream delivers again' });
    for (const asking of askings) {
      if (asked.includes(asking) || asking.can?.(state.world) === false) continue;
      found.push(askedBy({ ...state, asked: [...asked, asking] }, asking));
    }
    return found;
  }

  /** What comes from outside. */
  function happenings(before: State): Move<State>[] {
    const state = { ...before, left: before.left - 1 };
    const begun = beginnings(state);
    const moves: Move<State>[] = begun.map(moveOf);
    if (state.left > 0) {
      const faulty = { left: state.left - 1, faulty: true };
      // Who delivers reads first, and reading twice is reading.
      for (const each of begun)
        if (!('record' in each.origin))
          moves.push({
            what: `${each.what}, whose first call goes out twice`,
            after: () => beginTwice({ ...each, state: { ...each.state, ...faulty } }),
          });
    }
    const [oldest] = state.records;
    if (
      plot.detector &&
      oldest !== undefined &&
      !state.running.some(({ origin }) => sameOrigin(origin, { record: oldest }))
    )
      moves.push({ what: 'the stream loses a record', after: () => ({ ...state, records: state.records.slice(1) }) });
    const made = tokens.indexOf(state.messages.at(-1)!.token) + 1;
    for (const token of tokens.slice(made))
      moves.push({ what: `the process makes the ${token.name} token`, after: () => newToken(state, token) });
    if (endOfTask(state) !== state.world)
      moves.push({ what: 'the task times out', after: () => ({ ...state, world: endOfTask(state) }) });
    return moves;
  }

  return {
    start,
    keyOf: (state) => keyOf(state, askings, numberOf),

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
      if (waiting >= 0) return moveOf(opening(state, waiting));
      const dead = state.messages.findIndex(({ stage }) => stage === 'dead');
      if (dead >= 0) return moveOf(failing(state, dead));
      const [record] = state.records;
      if (record !== undefined) return moveOf(delivering(state, record));
      if (plot.detector?.mustAct(state.world)) return moveOf(askedBy(state, plot.detector.tells));
      rules.ofTheEnd(state);
      return undefined;
    },
  };
}

const throttled: Reply = { error: Object.assign(new Error('not now'), { name: 'ThrottlingException' }) };

/** Then, without waiting when there is nothing to wait for. */
function after<A, B>(value: A | Promise<A>, then: (value: A) => B | Promise<B>): B | Promise<B> {
  return value instanceof Promise ? value.then(then) : then(value);
}
