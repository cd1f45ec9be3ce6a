/** How long a state waits for its answer. All in seconds from the moment in which the state is entered. */
export interface WaitRow {
  /** Then the state ends with States.Timeout: a literal in the definition would be a second place to change it. */
  timeoutSeconds: number;
  /** When whoever was asked is reminded: ascending, all before the timeout. Empty where nobody is asked. */
  remindAfterSeconds: readonly number[];
}

/** One row per state that waits for its token; the row's name is the state's name. */
export type Waits = Readonly<Record<string, WaitRow>>;
