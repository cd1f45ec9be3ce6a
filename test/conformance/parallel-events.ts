import { pythonJson } from './exact-json.ts';
import type { Json, JsonObject } from './json-tree.ts';

const endings = ['Succeeded', 'Failed', 'Aborted', 'Exited'].map((ending) => `ParallelState${ending}`);

/**
 * Branches run at the same time, so the order and numbers of their events differ from run to run. The recordings were edited in
 * place: events since the latest start are put in the order of their text, without their numbers, at every event that ends a
 * Parallel state. The event before `ParallelStateExited` is lost by that, as it is in the recordings.
 */
export function sortParallelEvents(events: JsonObject[]): void {
  let start = 0;
  let collected: JsonObject[] = [];
  let collecting = false;
  // The array shrinks under the scan; its indexes go on as they do in the recordings.
  for (let index = 0; index < events.length; index += 1) {
    const event = events[index]!;
    if (endings.includes(String(event.type))) {
      events.splice(start, Math.max(index - start, 0), ...[...collected].sort(byText));
      collecting = false;
    } else if (event.type === 'ParallelStateStarted') {
      collecting = true;
      collected = [];
      start = index + 1;
    } else if (collecting) {
      event.id = [0];
      event.previousEventId = 0;
      collected.push(event);
    }
  }
}

/** Ties and names that differ: the regions without numbers are put in the order of their text once more, on both sides. */
export function sortUnnumbered(value: Json): Json {
  if (Array.isArray(value)) {
    const items = value.map(sortUnnumbered);
    for (let from = 0; from < items.length; from += 1) {
      let to = from;
      while (to < items.length && isUnnumbered(items[to]!)) to += 1;
      if (to > from) items.splice(from, to - from, ...(items.slice(from, to) as JsonObject[]).sort(byText));
      from = Math.max(from, to);
    }
    return items;
  }
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, sortUnnumbered(member)]));
}

/**
 * Iterations of a Map that run at the same time have no order: where the expected history has such, the events of both are
 * compared as a set, without their numbers.
 */
export function forgetOrder(expected: JsonObject, observed: JsonObject): void {
  for (const [key, wanted] of Object.entries(expected)) {
    const events = eventsOf(wanted);
    if (!events || !haveNoOrder(events)) continue;
    for (const list of [events, eventsOf(observed[key]) ?? []]) {
      for (const event of list) Object.assign(event, { id: 0, previousEventId: 0 });
      list.sort(byText);
    }
  }
}

function haveNoOrder(events: JsonObject[]): boolean {
  const causes = events
    .filter(({ type }) => type === 'MapIterationStarted')
    .map(({ previousEventId }) => previousEventId);
  return new Set(causes).size < causes.length;
}

function eventsOf(value: Json | undefined): JsonObject[] | undefined {
  const { events } = (value ?? {}) as { events?: JsonObject[] };
  return Array.isArray(events) ? events : undefined;
}

function isUnnumbered(value: Json): boolean {
  const id = (value as { id?: Json } | null)?.id;
  return Array.isArray(id) && id.length === 1 && id[0] === 0;
}

function byText(a: JsonObject, b: JsonObject): number {
  const [left, right] = [textOf(a), textOf(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function textOf({ timestamp: _timestamp, ...event }: JsonObject): string {
  return pythonJson(sortMembers(event));
}

function sortMembers(value: Json): Json {
  if (Array.isArray(value)) return value.map(sortMembers);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, sortMembers(value[name]!)]));
}
