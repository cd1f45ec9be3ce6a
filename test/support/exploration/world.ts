import {
  type AttributeValue,
  DeleteItemCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { canonicalJson } from '../../../lambdas/domain/canonical-json.ts';
import type { FakeAws } from '../fake-aws.ts';
import type { Call, Reply } from './sdk-calls.ts';

/**
 * What the services hold at one moment: the item of every `table {key}`, the state of every `task <token>`, and every
 * `schedule <name>`, as JSON text. Two worlds that hold the same are the same object, so comparing them is cheap.
 */
export interface World {
  id: number;
  holds: ReadonlyMap<string, string>;
}

/** A task that waits with a token, and what came for it. */
export interface TaskState {
  open: boolean;
  taken: { output?: unknown; error?: string; cause?: string }[];
}

export interface Effect {
  world: World;
  reply: Reply;
  /** Equal for equal replies. */
  replyId: number;
}

type Item = Record<string, AttributeValue>;
type Key = Record<string, unknown>;
interface ItemWrite {
  TableName: string;
  Key?: Key;
  Item?: Key;
}

/**
 * Makes calls from any world: puts what the call will see into the real table (or the real wire of Step Functions), makes
 * it, and reads what has become of that. A call that was made before from the same circumstances is not made again.
 */
export async function startWorlds(aws: FakeAws) {
  const client = new DynamoDBClient({});
  const keyNames = new Map<string, string[]>();
  const inTable = new Map<string, string | undefined>();
  const worlds = new Map<string, World>();
  const replies = new Map<string, number>();
  const numbers = new Map<string, number>();
  const numberOf = (text: string) => numbers.get(text) ?? remember(numbers, text, numbers.size);
  const knownCalls = new Map<string, KnownCall>();
  const knownInputs = new WeakMap<object, KnownCall>();
  let made = 0;

  interface Change {
    reply: Reply;
    replyId: number;
    now: (string | undefined)[];
  }

  /** A call, and what came of it where it was made: by all that it can see, and by the worlds that hold that. */
  interface KnownCall {
    places: string[];
    changes: Map<string, Change>;
    effects: Map<World, Effect>;
  }

  function knownOf(call: Call, input: object): KnownCall {
    const sameObject = knownInputs.get(input);
    if (sameObject) return sameObject;
    const text = `${call.service} ${call.operation} ${JSON.stringify(input)}`;
    const known =
      knownCalls.get(text) ??
      remember(knownCalls, text, { places: placesOf(call), changes: new Map(), effects: new Map() });
    knownInputs.set(input, known);
    return known;
  }

  function worldOf(holds: ReadonlyMap<string, string>): World {
    const key = [...holds].map(([place, text]) => `${numberOf(place)} ${numberOf(text)}`);
    const name = key.sort().join();
    return worlds.get(name) ?? remember(worlds, name, { id: worlds.size, holds });
  }

  function changed(world: World, places: readonly string[], now: readonly (string | undefined)[]): World {
    if (places.every((place, index) => world.holds.get(place) === now[index])) return world;
    const holds = new Map(world.holds);
    places.forEach((place, index) => {
      const text = now[index];
      if (text === undefined) holds.delete(place);
      else holds.set(place, text);
    });
    return worldOf(holds);
  }

  /** The places that a call can read or write. */
  function placesOf({ service, operation, input }: Call): string[] {
    if (service === 'SFN') return [taskPlace(input.taskToken as string)];
    if (service === 'Scheduler') return [schedulePlace(input.Name as string)];
    if (service !== 'DynamoDB') return [];
    if (operation === 'TransactWriteCommand') {
      const items = input.TransactItems as Record<string, ItemWrite>[];
      return items.flatMap((item) => Object.values(item).map(itemPlace));
    }
    if ('Key' in input || 'Item' in input) return [itemPlace(input as unknown as ItemWrite)];
    throw new Error(`which items does a ${operation} see? ${JSON.stringify(input)}`);
  }

  function itemPlace({ TableName, Key, Item }: ItemWrite): string {
    const source = Key ?? Item!;
    const names = keyNames.get(TableName)!;
    return `${TableName} ${canonicalJson(Object.fromEntries(names.map((name) => [name, source[name]])))}`;
  }

  async function make(call: Call, input: object, places: string[], before: (string | undefined)[]): Promise<Change> {
    made += 1;
    // Any other service (mail) takes what it is given.
    if (places.length === 0) return { ...interned({ output: {} }), now: [] };
    const edge = edges[call.service];
    if (edge) edge.put(places[0]!, before[0]);
    else for (const [index, place] of places.entries()) await putItem(place, before[index]);
    const reply: Reply = await call.send(input).then(
      (output) => ({ output }),
      (error) => ({ error }),
    );
    if (edge) return { ...interned(reply), now: [edge.read(places[0]!, before[0])] };
    if (call.operation === 'GetCommand' || 'error' in reply) return { ...interned(reply), now: before };
    const now: (string | undefined)[] = [];
    for (const place of places) now.push(await readItem(place));
    return { ...interned(reply), now };
  }

  async function putItem(place: string, text: string | undefined): Promise<void> {
    if (inTable.has(place) && inTable.get(place) === text) return;
    inTable.delete(place);
    const { TableName, Key } = splitPlace(place);
    if (text === undefined) await client.send(new DeleteItemCommand({ TableName, Key }));
    else await client.send(new PutItemCommand({ TableName, Item: JSON.parse(text) as Item }));
    inTable.set(place, text);
  }

  async function readItem(place: string): Promise<string | undefined> {
    const { Item } = await client.send(new GetItemCommand({ ...splitPlace(place), ConsistentRead: true }));
    const text = Item && canonicalJson(Item);
    inTable.set(place, text);
    return text;
  }

  /** Services that hold one thing per call, behind the wire of `startFakeAws`. */
  const edges: Record<
    string,
    { put(place: string, text?: string): void; read(place: string, before?: string): string | undefined }
  > = {
    SFN: {
      put(place, text) {
        aws.openTokens.clear();
        aws.deliveries.length = 0;
        if (text && (JSON.parse(text) as TaskState).open) aws.openTokens.add(nameIn(place));
      },
      read(_place, before) {
        const task = JSON.parse(before!) as TaskState;
        const came = aws.deliveries.map(({ token: _, ...delivery }) => delivery);
        return taskText({ open: aws.openTokens.size > 0, taken: [...task.taken, ...came] });
      },
    },
    Scheduler: {
      put(place, text) {
        if (text) aws.schedules.set(nameIn(place), JSON.parse(text));
        else aws.schedules.delete(nameIn(place));
      },
      read(place) {
        const { ClientToken: _, ...schedule } = (aws.schedules.get(nameIn(place)) ?? {}) as Record<string, unknown>;
        return 'Name' in schedule ? canonicalJson(schedule) : undefined;
      },
    },
  };

  function interned(reply: Reply): { reply: Reply; replyId: number } {
    const text = 'error' in reply ? JSON.stringify({ ...reply.error, name: reply.error.name }) : JSON.stringify(reply);
    const key = withoutRequest(text);
    const replyId = replies.get(key) ?? remember(replies, key, replies.size);
    return { reply, replyId };
  }

  for (const TableName of ['orders', 'inventory', 'waits', 'idempotency', 'sandbox']) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    keyNames.set(
      TableName,
      Table!.KeySchema!.map(({ AttributeName }) => AttributeName!),
    );
  }

  return {
    worldOf,
    placesOf: (call: Call) => knownOf(call, call.input).places,
    /** The world with these places as they are in the table now. */
    read: async (world: World, writes: ItemWrite[]): Promise<World> => {
      const places = writes.map(itemPlace);
      return changed(world, places, await Promise.all(places.map(readItem)));
    },
    with: (world: World, place: string, text: string) => changed(world, [place], [text]),
    calls: () => made,
    /** What happens when the call is made in this world, with this input instead of its own. */
    effectOf(world: World, call: Call, input: object = call.input): Effect | Promise<Effect> {
      const known = knownOf(call, input);
      const before = known.effects.get(world);
      if (before) return before;
      const seen = known.places.map((place) => world.holds.get(place));
      const circumstances = JSON.stringify(seen);
      const keep = ({ reply, replyId, now }: Change): Effect =>
        remember(known.effects, world, { reply, replyId, world: changed(world, known.places, now) });
      const change = known.changes.get(circumstances);
      if (change) return keep(change);
      return make(call, input, known.places, seen).then((done) => keep(remember(known.changes, circumstances, done)));
    },
  };
}
export type Worlds = Awaited<ReturnType<typeof startWorlds>>;

export const taskPlace = (token: string) => `task ${token}`;
export const schedulePlace = (name: string) => `schedule ${name}`;
const nameIn = (place: string) => place.slice(place.indexOf(' ') + 1);
export const taskText = (task: TaskState) => canonicalJson(task);

function splitPlace(place: string): { TableName: string; Key: Item } {
  const space = place.indexOf(' ');
  return { TableName: place.slice(0, space), Key: marshall(JSON.parse(place.slice(space))) };
}

/** What AWS says of the request itself differs from one to the next. */
const withoutRequest = (text: string) => text.replace(/"\$metadata":\{[^}]*\}/, '').replace(/"RequestId":"[^"]*"/i, '');

function remember<K, V>(map: Map<K, V>, key: K, value: V): V {
  map.set(key, value);
  return value;
}
