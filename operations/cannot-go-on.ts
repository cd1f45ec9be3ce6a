/** Why a command does not do what it was asked, as a sentence for the person at the keyboard. Printed without a stack; the exit code is 1. */
export class CannotGoOn extends Error {
  override readonly name = 'CannotGoOn';
}
