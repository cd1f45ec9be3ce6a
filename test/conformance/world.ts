import { type ApiClient, ApiError } from './api-client.ts';
import type { Case } from './case-format.ts';
import type { FixtureFunctions } from './fixture-functions.ts';
import { fillInText, type Lookup } from './references.ts';

/** Something that works beside the case: a consumer of a queue, a worker of an activity. */
export interface Actor {
  /** Does what it can do now; true if it did something, so that nobody lets time pass yet. */
  act(): Promise<boolean>;
}

/** Everything that one case meets: a runtime of its own, and what happened so far. */
export interface World {
  case: Case;
  api: ApiClient;
  functions: FixtureFunctions;
  actors: Actor[];
  /** Results by step id, `run0`, `run0.history`, `create`. */
  results: Map<string, unknown>;
  lookup: Lookup;
  fillInText(text: string): string;
  /** Seconds that were let pass. */
  passedSeconds: number;
}

export function createWorld(one: Case, api: ApiClient, functions: FixtureFunctions): World {
  const results = new Map<string, unknown>([['now', Date.now()]]);
  const lookup: Lookup = (name) => {
    if (!results.has(name)) throw new Error(`Nothing is known of ${name}.`);
    return results.get(name);
  };
  return {
    case: one,
    api,
    functions,
    actors: [],
    results,
    lookup,
    fillInText: (text) => fillInText(text, lookup),
    passedSeconds: 0,
  };
}

const longestWaitSeconds = 24 * 60 * 60;

/**
 * Lets time pass until something is so: at each moment first everything settles, then everyone acts who can, and only when nobody
 * has anything to do the clock moves on: by seconds at first, in longer and longer steps when it takes long.
 */
export async function waitUntil(world: World, what: string, isSo: () => Promise<boolean>): Promise<void> {
  const { api, actors } = world;
  const startedAt = world.passedSeconds;
  for (;;) {
    await api.advance(0);
    if (await isSo()) return;
    let acted = false;
    for (const actor of actors) if (await actor.act()) acted = true;
    if (acted) continue;
    const waited = world.passedSeconds - startedAt;
    if (waited > longestWaitSeconds) throw new Error(`Waited in vain until ${what}.`);
    const step = Math.max(1, Math.floor(waited / 60));
    await api.advance(step);
    world.passedSeconds += step;
  }
}

/** Waits for an answer that may need time to pass. */
export async function waitFor<T>(world: World, what: string, pending: Promise<T>): Promise<T> {
  let settled = false;
  const mark = () => {
    settled = true;
  };
  pending.then(mark, mark);
  await waitUntil(world, what, async () => settled);
  return pending;
}

/** As the answer of the SDK for Python looks when the call failed. */
export function errorResult(error: unknown): object {
  if (!(error instanceof ApiError)) throw error;
  const { code, message, operation, statusCode, members } = error;
  return {
    errorType: code,
    errorString: `An error occurred (${code}) when calling the ${operation} operation: ${message}`,
    errorResponse: {
      Error: { Code: code, Message: message },
      ...members,
      ResponseMetadata: { HTTPHeaders: {}, HTTPStatusCode: statusCode },
    },
  };
}
