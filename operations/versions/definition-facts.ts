/** What is read of a deployed definition: its states, and the versions of Lambdas that it names. */
import { type Group, statesIn } from '../../statemachines/rules/process.ts';

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
  const definition = JSON.parse(text) as Group;
  const { States: _, ...machine } = definition;
  const states = new Map<string, Record<string, unknown>>();
  const functions = new Map<string, FunctionVersionName>();
  for (const [name, state] of statesIn(definition)) {
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
