/** What a rule has to say about a process. */
export interface Finding {
  /** Absent: it concerns the process as a whole. */
  state?: string;
  /** Where in the state: `TimeoutSeconds`, `Catch[1]/Assign/undo`. */
  field?: string;
  found: string;
  expected: string;
}

export function sentenceOf({ state, field, found, expected }: Finding): string {
  const place = [state, field].filter((part) => part !== undefined);
  return `${place.map((part) => `${part}: `).join('')}found ${found}, expected ${expected}`;
}

/** A value as it is shown in a finding. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}
