import type { Waits } from './wait-row.ts';

/**
 * How the times of the rows come into a definition: `${AwaitPickingTimeoutSeconds}` and
 * `${AwaitPickingRemindAfterSeconds}`, each within `{% %}`, because CloudFormation fills in text and the file must be
 * JSON before that too.
 */
export function waitSubstitutions(waits: Waits): Record<string, string> {
  return Object.fromEntries(
    Object.entries(waits).flatMap(([state, { timeoutSeconds, remindAfterSeconds }]) => [
      [timeoutName(state), String(timeoutSeconds)],
      [remindersName(state), JSON.stringify(remindAfterSeconds)],
    ]),
  );
}

export const timeoutName = (state: string) => `${state}TimeoutSeconds`;
export const remindersName = (state: string) => `${state}RemindAfterSeconds`;

/**
 * A definition with its times, as whoever reads one without deploying it needs it: a linter, a test. What the stack alone
 * knows (`${ChargePayment}`, `${WaitsQueueUrl}`) stays as it is.
 */
export function fillDefinition(text: string, waits: Waits): string {
  const times = waitSubstitutions(waits);
  return text.replaceAll(/\$\{(\w+)\}/g, (written, name: string) => times[name] ?? written);
}
