/** What is read of a deployed definition: its states, and the versions of Lambdas that it names. */

/** `<function's name>:<version>`, as it ends the ARN of a version. */
export type FunctionVersionName = string;

export interface DefinitionFacts {
  /** By name, those within a Map or a Parallel too; versions of Lambdas are taken out, and so are the states within. */
  states: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** By state: the Lambda that it runs. */
  functions: ReadonlyMap<string, FunctionVersionName>;
  /** Whatever version of a Lambda stands anywhere in the text: it must stay as long as the definition may be run. */
  named: readonly FunctionVersionName[];
  /** What is said of the whole machine: StartAt, TimeoutSeconds and so on. */
  machine: Readonly<Record<string, unknown>>;
}

const versionArn = /(:function:)([\w-]+):(\d+)(?!\w)/g;

export function factsOf(text: string): DefinitionFacts {
  const { States: _, ...machine } = JSON.parse(text) as Record<string, unknown>;
  const states = new Map<string, Record<string, unknown>>();
  const functions = new Map<string, FunctionVersionName>();
  for (const [name, state] of statesWithin(JSON.parse(text))) {
    const { ItemProcessor: _processor, Iterator: _iterator, Branches: _branches, ...own } = state;
    const written = JSON.stringify(own);
    const [lambda] = namedIn(written);
    if (lambda) functions.set(name, lambda);
    states.set(name, JSON.parse(written.replaceAll(versionArn, '$1$2')));
  }
  return { states, functions, named: [...new Set(namedIn(text))].sort(), machine };
}

const namedIn = (text: string): FunctionVersionName[] =>
  [...text.matchAll(versionArn)].map(([, , name, version]) => `${name}:${version}`);

/** Every group of states of the language is an object with `States`, wherever it stands. */
function* statesWithin(value: unknown): Generator<[string, Record<string, unknown>]> {
  if (typeof value !== 'object' || value === null) return;
  const { States } = value as { States?: Record<string, Record<string, unknown>> };
  if (!States) return;
  for (const [name, state] of Object.entries(States)) {
    yield [name, state];
    for (const inner of [state.ItemProcessor, state.Iterator, ...((state.Branches as unknown[] | undefined) ?? [])]) {
      yield* statesWithin(inner);
    }
  }
}
