import type { Retrier, State as StateShape } from '../../statemachines/rules/process.ts';
import type { Steps } from '../../statemachines/step-row.ts';

/** A definition, its times filled in, as far as its undos are concerned. */
export interface Definition {
  StartAt: string;
  States: Record<string, State>;
}
type State = Omit<StateShape, 'Catch' | 'Retry'> & { Retry?: Retrier[]; Catch?: Catcher[] };
interface Catcher {
  ErrorEquals: string[];
  Assign?: { undo?: string[]; outcome?: { status: string } };
  Next: string;
}

/** What becomes of one attempt of a state. */
export type Act =
  /** The process hears this error. `acted`: the step was done all the same. */
  | { error: string; acted: boolean }
  /** The step is killed right after this request of it took effect, and the process hears this error. */
  | { error: string; killedAfterRequest: number }
  /** Nobody answers. `lost`: because the message never came. */
  | { timesOut: true; lost?: true }
  /** The wait is ended with this error. */
  | { answeredWith: string }
  /** The queue is said not to have taken the message. `sent`: it has, all the same. */
  | { notSent: string; sent: boolean };

/** How an order comes to be undone. */
export interface Entry {
  title: string;
  state: string;
  /** By state, one per attempt. What is not listed goes well. */
  acts: Readonly<Record<string, readonly Act[]>>;
  /** What the process then undoes, in this order. */
  undo: readonly string[];
  status: string;
  reason: string;
  /** The error comes from the step itself, because the order is such that it must. */
  forReal?: true;
  /** The carrier scans the parcel just before: nothing may be undone any more. */
  scanned?: true;
}

/** What becomes of an undo. */
export interface Way {
  title: string;
  kind: 'goes well' | 'is tried again' | 'gives up' | 'gives up having acted' | 'gives up halfway';
  acts: readonly Act[];
}

export const answers = ['try-again', 'try-again, in vain at first', 'done-by-hand', 'none'] as const;
export interface UndoCase {
  title: string;
  entry: Entry;
  ways: Readonly<Record<string, Way>>;
  /** The same, of steps that are not undone: they come after the undos, or last of all. */
  last?: Readonly<Record<string, Way>>;
  /** Of the operator, should an undo give up. */
  answer: (typeof answers)[number];
  /** An execution before this one came so far, and was stopped there: what it made of that state. */
  stopped?: { state: string; acts: readonly Act[] };
}

/** Errors that Lambda or a defect may end a call with. */
const anything = ['Runtime.OutOfMemory', 'TypeError', 'RangeError'];

/** Everything that can happen to the undos of a process: derived from its definition and rows, so that it grows with them. */
export function undoSpace(definition: Definition, steps: Steps, requestsOf: (state: string) => number) {
  const { States } = definition;
  const undoOf = (state: string) => {
    const undo = steps[state]?.undoneBy;
    return typeof undo === 'string' ? undo : undefined;
  };

  /** The states before an undo begins, each with the waits that have to time out on the way there. */
  const reached = new Map<string, Entry['acts']>();
  (function enter(name: string | undefined, acts: Entry['acts']): void {
    if (name === undefined || reached.has(name)) return;
    reached.set(name, acts);
    const { Next, Catch = [] } = States[name]!;
    enter(Next, acts);
    const onTimeout = isWait(States[name]!) ? catcherOf(Catch, 'States.Timeout') : undefined;
    if (onTimeout && !onTimeout.Assign?.undo) enter(onTimeout.Next, { ...acts, [name]: [{ timesOut: true }] });
  })(definition.StartAt, {});

  const forward = [...reached.keys()];
  const lastUndoable = forward.filter((state) => undoOf(state)).at(-1)!;
  const undos = forward.flatMap((state) => undoOf(state) ?? []);
  const maySend = (state: string) => forward.indexOf(state) > forward.indexOf(lastUndoable);

  function entriesOf(name: string): Entry[] {
    const state = States[name]!;
    const entry = (error: string, how: string, acts: readonly Act[], more: Partial<Entry> = {}): Entry[] => {
      const { undo, outcome } = catcherOf(state.Catch ?? [], error)?.Assign ?? {};
      if (!undo || !outcome) return [];
      const title = `${name} ends with ${error}, ${how}`;
      const all = { ...reached.get(name)!, [name]: acts };
      return [{ title, state: name, acts: all, undo, status: outcome.status, reason: error, ...more }];
    };
    const orScanned = (entries: Entry[]): Entry[] =>
      entries.flatMap((one) => [one, { ...one, title: `${one.title}, and the parcel is gone`, scanned: true }]);
    if (isWait(state)) return waitEntries(name, state, entry, orScanned);
    const acted = [
      ...failures(state).flatMap(({ error, attempts }) => entry(error, 'and was done', repeated(error, attempts, 1))),
      ...killings(name, state).flatMap((act) =>
        entry(act.error, `killed after request ${act.killedAfterRequest}`, [act]),
      ),
    ];
    return [
      ...failures(state).flatMap(({ error, attempts }) =>
        entry(error, 'and was not done', repeated(error, attempts, 0)),
      ),
      ...namedErrors(state).flatMap((error) =>
        entry(error, 'for real', [], { forReal: true }).filter(({ status }) => status === 'rejected'),
      ),
      ...(name === lastUndoable || maySend(name) ? orScanned(acted) : acted),
    ];
  }

  type MakeEntry = (error: string, how: string, acts: readonly Act[]) => Entry[];
  function waitEntries(
    name: string,
    state: State,
    entry: MakeEntry,
    orScanned: (entries: Entry[]) => Entry[],
  ): Entry[] {
    const final = (state.Retry ?? []).filter(({ MaxAttempts }) => MaxAttempts === 0);
    const attempts = Math.max(...(state.Retry ?? []).map(({ MaxAttempts = 3 }) => MaxAttempts)) + 1;
    const error = 'SQS.AmazonSQSException';
    const notSent = (sent: boolean) =>
      Array.from({ length: attempts }, (_, index): Act => ({ notSent: error, sent: sent && index === 0 }));
    const unsent = [
      ...entry(error, 'and its message was not sent', notSent(false)),
      ...entry(error, 'and its message was sent', notSent(true)),
    ];
    return [
      ...final
        .flatMap(({ ErrorEquals }) => ErrorEquals)
        .flatMap((answer) =>
          answer === 'States.Timeout'
            ? entry(answer, 'its message lost', [{ timesOut: true, lost: true }])
            : entry(answer, 'as its answer', [{ answeredWith: answer }]),
        ),
      ...(maySend(name) ? orScanned(unsent) : unsent),
    ];
  }

  function waysOf(name: string): Way[] {
    const state = States[name]!;
    const once = (act: Act, title: string): Way => ({ title, kind: 'is tried again', acts: [act] });
    const transient = transients(state);
    const [first] = transient;
    return [
      { title: 'goes well', kind: 'goes well', acts: [] },
      ...transient.flatMap(({ error, attempts }): Way[] => [
        once({ error, acted: false }, `fails once with ${error}`),
        once({ error, acted: true }, `acts, and fails once with ${error}`),
        { title: `fails ${attempts} times with ${error}`, kind: 'is tried again', acts: repeated(error, attempts, 0) },
        {
          title: `acts ${attempts} times, and fails each time with ${error}`,
          kind: 'is tried again',
          acts: repeated(error, attempts, attempts),
        },
      ]),
      ...killings(name, state).map(({ killedAfterRequest }) =>
        once({ error: first!.error, killedAfterRequest }, `is killed once, after request ${killedAfterRequest}`),
      ),
      ...failuresOf(state, unforeseen(state)).flatMap(({ error, attempts }): Way[] => [
        { title: `fails for good with ${error}`, kind: 'gives up', acts: repeated(error, attempts, 0) },
        {
          title: `acts, and fails for good with ${error}`,
          kind: 'gives up having acted',
          acts: repeated(error, attempts, 1),
        },
      ]),
      ...killings(name, state).map(
        (act): Way => ({
          title: `is killed for good after request ${act.killedAfterRequest}`,
          kind: 'gives up halfway',
          acts: [act],
        }),
      ),
    ];
  }

  /** Killed after the first request but the last: after the last it has acted. */
  function killings(name: string, state: State) {
    return Array.from({ length: requestsOf(name) - 1 }, (_, index) => ({
      error: unforeseen(state),
      killedAfterRequest: index + 1,
    }));
  }

  /** It ends with what nobody foresaw, and was not done: of a state whose errors say how far the order came, not one of those. */
  const failsAtOnce = (name: string) =>
    entriesOf(name).find(({ reason, acts: { [name]: acts = [] } }) =>
      acts.every((act) => 'acted' in act && !act.acted && act.error === reason && reason === unforeseen(States[name]!)),
    );

  /** How far an execution may have come when it is stopped: into each state but the last, by as many of its requests as it makes. */
  const stops = [...reached].flatMap(([state, acts]): NonNullable<UndoCase['stopped']>[] =>
    Object.keys(acts).length > 0 || !States[state]!.Next
      ? []
      : [{ state, acts: [] }, ...killings(state, States[state]!).map((act) => ({ state, acts: [act] }))],
  );

  /** The steps whose failure is not undone. */
  const last = Object.keys(States).filter((name) => {
    const { Resource, Catch = [] } = States[name]!;
    if (!Resource?.includes(':lambda:invoke') || undos.includes(name)) return false;
    return !Catch.some(({ Assign }) => Assign?.undo);
  });

  return {
    undos,
    last: new Map(last.map((name) => [name, waysOf(name)])),
    /** Whether a person must look when this step gives up. */
    isFatal: (name: string) =>
      States[catcherOf(States[name]!.Catch ?? [], unforeseen(States[name]!))!.Next]!.Type === 'Fail',
    /** Whether an order that goes well comes to this step. */
    isOnTheWay: (name: string) => reached.has(name),
    entries: forward.filter((state) => States[state]!.Type === 'Task').flatMap(entriesOf),
    /** Each stop, with what the next execution fails in: every step that the one before came to, and every one after it. */
    restarts: stops.flatMap((stopped) =>
      forward.flatMap((state) => {
        const entry = isWait(States[state]!) ? undefined : failsAtOnce(state);
        return entry ? [{ stopped, entry }] : [];
      }),
    ),
    ways: new Map(undos.map((undo) => [undo, waysOf(undo)])),
    /** What makes this undo give up once more. */
    onceMore: (undo: string): Act => ({ error: unforeseen(States[undo]!), acted: false }),
  };
}
export type UndoSpace = ReturnType<typeof undoSpace>;

const isWait = ({ Resource }: State) => Resource?.endsWith('.waitForTaskToken') ?? false;

const catcherOf = (catchers: readonly Catcher[], error: string) =>
  catchers.find(({ ErrorEquals }) => ErrorEquals.includes(error) || ErrorEquals.includes('States.ALL'));

/** What a state tries again, one error for each Retrier, and how often. */
const transients = ({ Retry = [] }: State) =>
  Retry.flatMap(({ ErrorEquals, MaxAttempts = 3 }) =>
    MaxAttempts > 0 ? [{ error: ErrorEquals[0]!, attempts: MaxAttempts }] : [],
  );

const namedErrors = ({ Catch = [] }: State) =>
  Catch.flatMap(({ ErrorEquals }) => ErrorEquals).filter((error) => error !== 'States.ALL');

const unforeseen = (state: State) => {
  const foreseen = [...(state.Retry ?? []), ...(state.Catch ?? [])].flatMap(({ ErrorEquals }) => ErrorEquals);
  return anything.find((error) => !foreseen.includes(error))!;
};

/** Every error after which a state is not tried again, with the attempts that it takes. */
const failures = (state: State) => [
  ...namedErrors(state).map((error) => ({ error, attempts: 1 })),
  ...failuresOf(state, unforeseen(state)),
];
const failuresOf = (state: State, other: string) => [
  { error: other, attempts: 1 },
  ...transients(state).map(({ error, attempts }) => ({ error, attempts: attempts + 1 })),
];

const repeated = (error: string, attempts: number, acting: number) =>
  Array.from({ length: attempts }, (_, index): Act => ({ error, acted: index < acting }));

const caseOf = (entry: Entry, ways: UndoCase['ways'], answer: UndoCase['answer']): UndoCase => {
  const faulty = entry.undo.filter((undo) => ways[undo]!.kind !== 'goes well');
  const gaveUp = faulty.some((undo) => ways[undo]!.kind.startsWith('gives up'));
  const told = faulty.map((undo) => `${undo} ${ways[undo]!.title}`);
  return {
    title: [entry.title, ...told, ...(gaveUp ? [`operator: ${answer}`] : [])].join('; '),
    entry,
    ways,
    answer,
  };
};

/** Every entry with every way of each of its undos, the others going well, and with every answer to those that give up. */
export function* everyCase({ entries, ways }: UndoSpace): Generator<UndoCase> {
  for (const entry of entries) {
    const well = Object.fromEntries(entry.undo.map((undo) => [undo, ways.get(undo)![0]!]));
    yield caseOf(entry, well, 'try-again');
    for (const undo of entry.undo) {
      for (const way of ways.get(undo)!.slice(1)) {
        const given = way.kind.startsWith('gives up') ? answers : answers.slice(0, 1);
        for (const answer of given) yield caseOf(entry, { ...well, [undo]: way }, answer);
      }
    }
  }
}

/**
 * Not many cases, and they hold every entry, every way of every undo, every pair of kinds of ways of two undos, and every answer
 * with every kind of giving up. The first that is still missing is taken, so that the same definition gives the same cases.
 */
export function coveringCases({ entries, ways, undos }: UndoSpace): UndoCase[] {
  const partsOf = ({ entry, ways: chosen, answer }: UndoCase): string[] => {
    const kindOf = (undo: string) => `${undo} ${chosen[undo]!.kind}`;
    // With the parcel gone an undo ends before it acts: that says nothing about how it acts.
    if (entry.scanned) return [entry.title, ...entry.undo.map((undo) => `${kindOf(undo)}, the parcel is gone`)];
    return [
      entry.title,
      ...entry.undo.flatMap((undo, index) => [
        `${undo} ${chosen[undo]!.title}`,
        `${kindOf(undo)}, ${answer}`,
        ...entry.undo.slice(index + 1).map((other) => `${kindOf(undo)}, ${kindOf(other)}`),
      ]),
    ];
  };

  /** What no case holds yet, with what a case must have to hold it. */
  const missing = new Map<string, Choice>();
  const choose = (...chosen: [string, Way][]): Choice => ({ ways: Object.fromEntries(chosen) });
  const order = [...undos].reverse();
  /** One way of each kind. */
  const kindsOf = (undo: string) => [...new Map(ways.get(undo)!.map((way) => [way.kind, way])).values()];
  for (const { title } of entries) missing.set(title, choose());
  for (const [index, undo] of order.entries()) {
    for (const way of ways.get(undo)!) missing.set(`${undo} ${way.title}`, choose([undo, way]));
    for (const way of kindsOf(undo)) {
      missing.set(`${undo} ${way.kind}, the parcel is gone`, choose([undo, way]));
      for (const answer of way.kind.startsWith('gives up') ? answers : []) {
        missing.set(`${undo} ${way.kind}, ${answer}`, { ...choose([undo, way]), answer });
      }
      for (const other of order.slice(index + 1)) {
        for (const otherWay of kindsOf(other)) {
          missing.set(`${undo} ${way.kind}, ${other} ${otherWay.kind}`, choose([undo, way], [other, otherWay]));
        }
      }
    }
  }

  const cases: UndoCase[] = [];
  const worth = (one: UndoCase) => partsOf(one).filter((part) => missing.has(part)).length;
  const best = <Option>(options: readonly Option[], toCase: (option: Option) => UndoCase) =>
    options.reduce((leader, option) => (worth(toCase(option)) > worth(toCase(leader)) ? option : leader));

  function add(entry: Entry, given: Choice): void {
    const well = Object.fromEntries(entry.undo.map((undo) => [undo, ways.get(undo)![0]!]));
    let chosen = { ...well, ...given.ways };
    let answer = given.answer ?? answers[0];
    for (let round = 0; round < 2; round++) {
      for (const undo of entry.undo.filter((one) => !given.ways[one])) {
        const way = best(ways.get(undo)!, (option) => caseOf(entry, { ...chosen, [undo]: option }, answer));
        chosen = { ...chosen, [undo]: way };
      }
      answer = given.answer ?? best(answers, (option) => caseOf(entry, chosen, option));
    }
    const one = caseOf(entry, chosen, answer);
    for (const part of partsOf(one)) missing.delete(part);
    cases.push(one);
  }

  // Those that come latest have the most to undo: they get the ways first.
  for (const entry of [...entries].reverse()) add(entry, choose());
  // What no entry had room for: from those that undo everything, each in its turn.
  const longest = entries.filter(({ undo, scanned }) => !scanned && undo.length === undos.length);
  for (const [part, choice] of missing) {
    if (missing.has(part)) add(longest[cases.length % longest.length]!, choice);
    missing.delete(part);
  }
  return cases;
}

/** An execution is stopped anywhere, and the one after it fails anywhere: whatever the first has done, the second undoes. */
export function restartedCases({ restarts, ways }: UndoSpace): UndoCase[] {
  return restarts.map(({ stopped, entry }) => {
    const how = stopped.acts.map((act) => ` after request ${'killedAfterRequest' in act && act.killedAfterRequest}`);
    const well = Object.fromEntries(entry.undo.map((undo) => [undo, ways.get(undo)![0]!]));
    const title = `stopped in ${stopped.state}${how}, started again; ${entry.title}`;
    return { ...caseOf(entry, well, 'try-again'), title, stopped };
  });
}

/** One for each kind of failure, each state and each answer. */
export function coveringLastCases(space: UndoSpace): UndoCase[] {
  const cases = lastCases(space).map((one) => [partOf(one), one] as const);
  return [...new Map(cases.reverse()).values()].reverse();
}
const partOf = ({ last, answer }: UndoCase) =>
  [...Object.entries(last!).map(([state, { kind }]) => `${state} ${kind}`), answer].join();

/** Every failure of the steps that are not undone: of an order that goes well, or of one whose every undo has given up. */
export function lastCases({ entries, ways, undos, last, isOnTheWay }: UndoSpace): UndoCase[] {
  const goesWell: Entry = { title: 'Nothing fails', state: '', acts: {}, undo: [], status: 'completed', reason: '' };
  // All was done, the step that failed too.
  const undone = entries.findLast(
    ({ undo, acts, state, scanned }) =>
      !scanned && undo.length === undos.length && acts[state]!.some((act) => 'acted' in act && act.acted),
  )!;
  // The first has closed the way of the parcel: only then is anything done by hand.
  const kindOf = (undo: string) => (undo === undone.undo[0] ? 'gives up having acted' : 'gives up');
  const stuck = Object.fromEntries(
    undos.map((undo) => [undo, ways.get(undo)!.find(({ kind }) => kind === kindOf(undo))!]),
  );
  return [...last].flatMap(([state, all]) => {
    const [entry, chosen] = isOnTheWay(state) ? [goesWell, {}] : [undone, stuck];
    return all.slice(1).flatMap((way) =>
      (isOnTheWay(state) ? answers.slice(0, 1) : (['try-again', 'done-by-hand'] as const)).map((answer) => ({
        title: `${entry.title}; ${state} ${way.title}${entry === undone ? `; operator: ${answer}` : ''}`,
        entry,
        ways: chosen,
        last: { [state]: way },
        answer,
      })),
    );
  });
}

interface Choice {
  ways: Readonly<Record<string, Way>>;
  answer?: UndoCase['answer'];
}
