import type { DefinitionProblem } from '../errors.ts';

/** What the checks of one definition share. */
export interface Inspection {
  readonly problems: DefinitionProblem[];
  readonly type: 'STANDARD' | 'EXPRESS';
  /** State names so far: they are unique in the whole machine. */
  readonly names: Set<string>;
  /** Of the whole machine. */
  readonly language: 'JSONPath' | 'JSONata';
}

export function report(
  { problems }: Inspection,
  location: string | undefined,
  message: string,
  code: DefinitionProblem['code'] = 'SCHEMA_VALIDATION_FAILED',
) {
  problems.push({ code, message, ...(location !== undefined && { location }) });
}
