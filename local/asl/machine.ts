import { InvalidDefinition } from './errors.ts';

export { InvalidDefinition } from './errors.ts';

/** A parsed definition. Immutable; safe to share between executions. */
export interface Machine {
  readonly startAt: string;
  /** The execution as a whole; its end is status TIMED_OUT. */
  readonly timeoutSeconds?: number;
}

/** Throws `InvalidDefinition` with the message of CreateStateMachine. */
export function parseMachine(definitionText: string): Machine {
  throw new InvalidDefinition(`not yet: ${definitionText.length}`);
}
