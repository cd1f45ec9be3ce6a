import type { Json } from './json-text.ts';

/** A parsed path. The language is Jayway's JSONPath, as far as Step Functions has it, with `$$` and `$variable` in front. */
export interface JsonPath {
  /** Where it starts: `$`, `$$`, or the variable of this name. */
  root: 'input' | 'context' | { variable: string };
  steps: PathStep[];
  /** Names at most one place; the others give an array of what they find. */
  definite: boolean;
}

export type PathStep =
  | { type: 'member'; name: string }
  | { type: 'members'; names: string[] }
  | { type: 'index'; index: number }
  | { type: 'indexes'; indexes: number[] }
  | { type: 'slice'; from?: number; to?: number }
  | { type: 'wildcard' }
  /** `..`: what follows is looked for at every depth. */
  | { type: 'descend' }
  | { type: 'filter'; condition: Condition }
  /** `.length()` and its like: Step Functions takes them in a definition and never finds anything at them. */
  | { type: 'function'; name: string };

/** What stands in `[?( )]`. */
export type Condition =
  | { type: 'or' | 'and'; parts: Condition[] }
  | { type: 'not'; part: Condition }
  | { type: 'exists'; operand: Operand }
  | { type: 'comparison'; operator: string; left: Operand; right: Operand };

export type Operand =
  | { type: 'literal'; value: Json }
  | { type: 'pattern'; pattern: RegExp }
  /** `from` is `@`, the item in question, or `$`, the whole document. */
  | { type: 'path'; from: '@' | '$'; steps: PathStep[] };
