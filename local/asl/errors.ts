/** One finding of the definition's check, as ValidateStateMachineDefinition lists it. */
export interface DefinitionProblem {
  code: 'INVALID_JSON_DESCRIPTION' | 'SCHEMA_VALIDATION_FAILED' | 'MISSING_TRANSITION_TARGET' | 'DUPLICATE_STATE_NAME';
  message: string;
  /** `/States/A/Next`, or where in the text the JSON breaks off. */
  location?: string;
}

/**
 * An authoring error: the definition is refused as a whole, before anything runs.
 * `message` is what CreateStateMachine answers: "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: ... at /States/A/Next'".
 */
export class InvalidDefinition extends Error {
  override readonly name = 'InvalidDefinition';
  readonly problems: readonly DefinitionProblem[];

  constructor(problems: readonly DefinitionProblem[]) {
    super(`Invalid State Machine Definition: '${problems.map(describe).join(', ')}'`);
    this.problems = problems;
  }
}

function describe({ code, message, location }: DefinitionProblem): string {
  // The JSON parser's own sentence already ends with the place.
  return location === undefined || code === 'INVALID_JSON_DESCRIPTION'
    ? `${code}: ${message}`
    : `${code}: ${message.trimEnd()} at ${location}`;
}

/** A defect of the interpreter or a damaged journal. Never matched by Retry or Catch; the journal stays untouched. */
export class Defect extends Error {
  override readonly name = 'Defect';
}
