/** An authoring error: the definition is refused as a whole, before anything runs. `message` is what CreateStateMachine answers. */
export class InvalidDefinition extends Error {
  override readonly name = 'InvalidDefinition';
}

/** A defect of the interpreter or a damaged journal. Never matched by Retry or Catch; the journal stays untouched. */
export class Defect extends Error {
  override readonly name = 'Defect';
}
