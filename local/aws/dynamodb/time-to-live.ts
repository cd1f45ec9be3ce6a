import { setTimeout as delay } from 'node:timers/promises';
import type { Clock, Service } from '../../engine/ports.ts';
import { createJsonClient } from '../event-sources/json-client.ts';
import { type ExpiringTable, sweepExpired } from './sweep-expired.ts';
import type { TableSpec } from './table-spec.ts';

export interface TimeToLiveOptions {
  tables: readonly TableSpec[];
  /** Of DynamoDB itself: what is broken on purpose for functions must not reach this. */
  endpoint: string;
  clock: Clock;
  warn(message: string): void;
  /** Real time without another sweep becoming due before one begins. */
  calmMs?: number;
}

/** Not right away: a start has enough to do. */
const firstAfterMs = 5 * 60_000;
/** The service promises "within a few days". */
const everyMs = 86_400_000;

/**
 * The emulator stores which attribute expires the items of a table, and does nothing about it. Here they are deleted, once a day of the
 * clock. One that is moved by months makes every one of those days due within seconds: then a single sweep does the work of all, when
 * time stands still again.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
 */
export function startTimeToLive({ tables, endpoint, clock, warn, calmMs = 1_000 }: TimeToLiveOptions): Service {
  const expiring = tables.flatMap(expiringTable);
  const client = createJsonClient(endpoint, 'DynamoDB_20120810');
  const stopping = new AbortController();
  const { signal } = stopping;
  let timer: Disposable | undefined;
  let calm: NodeJS.Timeout | undefined;
  let dueAt: number | undefined;
  let sweeping: Promise<void> = Promise.resolve();

  function dueIn(ms: number): void {
    timer = clock.at(clock.now() + ms, () => {
      dueAt ??= clock.now();
      clearTimeout(calm);
      calm = setTimeout(() => {
        sweeping = sweeping.then(sweep);
      }, calmMs);
      dueIn(everyMs);
    });
  }

  async function sweep(): Promise<void> {
    const now = clock.now();
    const common = { client, now, dueAt: dueAt ?? now, signal, rest };
    dueAt = undefined;
    for (const table of expiring) {
      try {
        await sweepExpired({ ...common, table });
      } catch (error) {
        if (signal.aborted) return;
        warn(`Expired items of ${table.tableName} stay until tomorrow: ${error}`);
      }
    }
  }

  const rest = (ms: number) => delay(ms, undefined, { signal });

  if (expiring.length > 0) dueIn(firstAfterMs);
  return {
    name: 'time to live',
    async stop() {
      timer?.[Symbol.dispose]();
      clearTimeout(calm);
      stopping.abort(new Error('stopped'));
      await sweeping;
      client[Symbol.dispose]();
    },
  };
}

function expiringTable({ tableName, KeySchema, TimeToLiveSpecification }: TableSpec): ExpiringTable[] {
  const { Enabled, AttributeName: attributeName } = TimeToLiveSpecification ?? { Enabled: false };
  return Enabled && attributeName ? [{ tableName, KeySchema, attributeName }] : [];
}
