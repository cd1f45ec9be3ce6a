import { isObject, type Json, type JsonObject } from '../expression/json-text.ts';
import { type Inspection, report } from './inspection.ts';

/** Every transition leads to a state of the same group, and every state can be reached. */
export function checkTransitions(inspection: Inspection, place: string, startAt: string, states: JsonObject) {
  const code = 'MISSING_TRANSITION_TARGET';
  if (!Object.hasOwn(states, startAt)) {
    report(inspection, `${place}/StartAt`, `Missing 'StartAt' target: ${startAt}`, code);
  }
  const reached = new Set([startAt]);
  for (const [name, state] of Object.entries(states)) {
    for (const { field, target, at } of transitionsOf(state as JsonObject)) {
      if (!Object.hasOwn(states, target)) {
        report(inspection, `${place}/States/${name}${at}`, `Missing '${field}' target: ${target}`, code);
      }
      if (target !== name) reached.add(target);
    }
  }
  for (const name of Object.keys(states)) {
    if (!reached.has(name)) report(inspection, `${place}/States/${name}`, `State "${name}" is not reachable.`, code);
  }
}

interface Transition {
  field: string;
  target: string;
  at: string;
}

function transitionsOf(state: JsonObject): Transition[] {
  const transitions: Transition[] = [];
  const add = (owner: JsonObject, field: string, at: string) => {
    const target = owner[field];
    if (typeof target === 'string') transitions.push({ field, target, at: `${at}/${field}` });
  };
  add(state, 'Next', '');
  add(state, 'Default', '');
  for (const field of ['Choices', 'Catch']) {
    const list: Json = state[field] ?? [];
    if (!Array.isArray(list)) continue;
    for (const [index, owner] of list.entries()) if (isObject(owner)) add(owner, 'Next', `/${field}[${index}]`);
  }
  return transitions;
}
