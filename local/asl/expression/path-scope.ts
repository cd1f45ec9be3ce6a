import type { Json, JsonObject } from './json-text.ts';

/** What the paths of a JSONPath state can see: `$`, `$$` and `$name`. */
export interface PathScope {
  /** `$` : the state's input, or its result in ResultSelector and Assign. */
  input: Json;
  /** `$$` : the context object. */
  context: JsonObject;
  /** `$name` : the workflow variables in scope. */
  variables: JsonObject;
}
