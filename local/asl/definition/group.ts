import { isObject, type JsonObject } from '../expression/json-text.ts';
import { type Inspection, report } from './inspection.ts';
import { checkState } from './state.ts';
import { checkTransitions } from './transitions.ts';

/** The machine itself, a branch or an item processor. `place` is its JSON pointer, "" for the machine. */
export function checkGroup(inspection: Inspection, place: string, group: JsonObject) {
  const missing = ['StartAt', 'States'].filter((field) => group[field] === undefined);
  if (missing.length > 0) {
    return report(inspection, place === '' ? '/' : place, `These fields are required: [${missing.join(', ')}]`);
  }
  const { StartAt, States, TimeoutSeconds } = group;
  if (typeof StartAt !== 'string') return report(inspection, `${place}/StartAt`, 'Expected value of type String');
  if (!isObject(States)) return report(inspection, `${place}/States`, 'Expected value of type Object');
  if (Object.keys(States).length === 0) return report(inspection, `${place}/States`, 'Value cannot be empty');
  if (TimeoutSeconds !== undefined && !(Number.isInteger(TimeoutSeconds) && Number(TimeoutSeconds) > 0)) {
    report(inspection, `${place}/TimeoutSeconds`, 'Expected value of type Integer greater than 0');
  }
  const problemsBefore = inspection.problems.length;
  for (const [name, state] of Object.entries(States)) {
    const location = `${place}/States/${name}`;
    if (!isObject(state)) report(inspection, location, 'Expected value of type Object');
    else checkState(inspection, location, name, state, checkGroup);
  }
  // Transitions of broken states would only repeat what was said.
  if (inspection.problems.length === problemsBefore) checkTransitions(inspection, place, StartAt, States);
}
