/** Why the runtime does not start, as one sentence for the person at the keyboard. Printed without a stack; the exit code is 1. */
export class CannotStart extends Error {
  override readonly name = 'CannotStart';
}
