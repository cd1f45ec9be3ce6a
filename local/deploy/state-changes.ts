/** What of a definition is new to executions that begin on it. State names, in the order of the definition. */
export interface StateChanges {
  added: string[];
  removed: string[];
  changed: string[];
  /** Functions of which they call another version now; of a state that is changed too, or not otherwise. */
  newVersions: { state: string; functionName: string; from: string; to: string }[];
  /** Something outside of the states, for example where it starts. */
  otherwise: boolean;
}

type Json = Record<string, unknown>;

const versionInArn = /:function:([\w-]+):(\d+)/g;

/** Compares two definitions, States Language texts, state by state, also those inside Parallel and Map states. */
export function stateChanges(before: string, after: string): StateChanges {
  const [old, now] = [JSON.parse(before) as Json, JSON.parse(after) as Json];
  const [oldStates, states] = [statesIn(old), statesIn(now)];
  const changes: StateChanges = { added: [], removed: [], changed: [], newVersions: [], otherwise: false };
  for (const [state, text] of states) {
    const known = oldStates.get(state);
    if (known === undefined) {
      changes.added.push(state);
      continue;
    }
    if (withoutVersions(known) !== withoutVersions(text)) changes.changed.push(state);
    changes.newVersions.push(...newVersions(state, known, text));
  }
  changes.removed.push(...[...oldStates.keys()].filter((state) => !states.has(state)));
  changes.otherwise = JSON.stringify(withoutStates(old)) !== JSON.stringify(withoutStates(now));
  return changes;
}

/** Every state's own text, without that of states inside it; names are unique in a definition. */
function statesIn(group: Json, into = new Map<string, string>()): Map<string, string> {
  for (const [name, state] of Object.entries((group.States ?? {}) as Record<string, Json>)) {
    const processor = (state.ItemProcessor ?? state.Iterator) as Json | undefined;
    const branches = (state.Branches ?? []) as Json[];
    const { ItemProcessor: _, Iterator: __, Branches: ___, ...own } = state;
    const inside = [...(processor ? [processor] : []), ...branches];
    into.set(name, JSON.stringify({ ...own, inside: inside.map(withoutStates) }));
    for (const one of inside) statesIn(one, into);
  }
  return into;
}

function newVersions(state: string, before: string, after: string): StateChanges['newVersions'] {
  const versionsIn = (text: string) =>
    new Map([...text.matchAll(versionInArn)].map(([, name, number]) => [name!, number!]));
  const old = versionsIn(before);
  return [...versionsIn(after)].flatMap(([functionName, to]) => {
    const from = old.get(functionName);
    return from === undefined || from === to ? [] : [{ state, functionName, from, to }];
  });
}

const withoutVersions = (text: string) => text.replace(versionInArn, ':function:$1');

function withoutStates({ States: _, ...rest }: Json): Json {
  return rest;
}
