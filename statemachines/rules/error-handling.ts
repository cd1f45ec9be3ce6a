import { isKnownError, type OwnErrors, transientAroundLambda } from './error-names.ts';
import { type Finding, shown } from './finding.ts';
import { attemptsOf, isTask, type Process, type Retrier, runsLambda, type State, statesIn } from './process.ts';

/** Every Task has an end in time, tries again what is transient and nothing else, and leaves no error uncaught. */
export function errorHandlingFindings({ definition }: Process, own: OwnErrors): Finding[] {
  return statesIn(definition).flatMap(([name, state]) => {
    const found = [...nameFindings(state, own)];
    if (isTask(state)) found.push(...timeoutFindings(state), ...retryFindings(state, own), ...catchFindings(state));
    return found.map((finding) => ({ state: name, ...finding }));
  });
}

function timeoutFindings({ TimeoutSeconds, TimeoutSecondsPath }: State): Finding[] {
  if (TimeoutSeconds !== undefined || TimeoutSecondsPath !== undefined) return [];
  return [{ field: 'TimeoutSeconds', found: 'nothing', expected: 'a number: a Task without one waits for 99999999 s' }];
}

function retryFindings(state: State, own: OwnErrors): Finding[] {
  const retriers = state.Retry ?? [];
  // What services answer besides Lambda has too many names to be listed in a Retrier: only a wildcard will do.
  const wanted = runsLambda(state) ? [...transientAroundLambda, ...own.everyStep] : ['States.TaskFailed'];
  const missing = wanted.filter((error) => !isTriedAgain(error, retriers));
  const notRetried: Finding[] = missing.length
    ? [{ field: 'Retry', found: `none for ${missing.join(', ')}`, expected: 'one for every transient error' }]
    : [];
  return [...notRetried, ...retriers.flatMap((retrier, index) => hopeless(retrier, `Retry[${index}]`, own))];
}

/** The first Retrier that fits decides, even if it says never. */
function isTriedAgain(error: string, retriers: readonly Retrier[]): boolean {
  const retrier = retriers.find(({ ErrorEquals }) => ErrorEquals.some((name) => matches(name, error)));
  return retrier !== undefined && attemptsOf(retrier) > 0;
}

function matches(name: string, error: string): boolean {
  return name === error || name === 'States.ALL' || (name === 'States.TaskFailed' && error !== 'States.Timeout');
}

/** An error that will come again is not tried again. */
function hopeless(retrier: Retrier, place: string, own: OwnErrors): Finding[] {
  if (attemptsOf(retrier) === 0) return [];
  const names = retrier.ErrorEquals.filter((name) => own.names.includes(name) && !own.transient.includes(name));
  if (names.length === 0) return [];
  return [
    { field: `${place}/ErrorEquals`, found: names.join(', '), expected: 'of our errors the transient ones only' },
  ];
}

function catchFindings({ Catch = [] }: State): Finding[] {
  const last = Catch.at(-1)?.ErrorEquals;
  if (last?.length === 1 && last[0] === 'States.ALL') return [];
  return [{ field: 'Catch', found: shown(last), expected: '["States.ALL"] as the ErrorEquals of the last Catcher' }];
}

function nameFindings(state: State, own: OwnErrors): Finding[] {
  return (['Retry', 'Catch'] as const).flatMap((list) =>
    (state[list] ?? []).flatMap(({ ErrorEquals }, index) => {
      const unknown = ErrorEquals.filter((name) => !isKnownError(name, own));
      if (unknown.length === 0) return [];
      const expected = 'names of States, of Lambda (statemachines/rules/error-names.ts) or of lambdas/domain/errors.ts';
      return [{ field: `${list}[${index}]/ErrorEquals`, found: unknown.join(', '), expected }];
    }),
  );
}
