import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Execution, evolve } from '../../../local/asl/execution.ts';
import type { JournalEntry } from '../../../local/asl/history.ts';
import type { Signal } from '../../../local/asl/signal.ts';
import type { DriverOptions } from '../../support/interpreter-driver.ts';
import { definitions, inputs } from './arbitrary-definition.ts';
import { expectSoundHistory, FuzzDriver } from './fuzz-driver.ts';
import { fuzzRuns, fuzzTimeoutMs } from './fuzz-runs.ts';
import { randomReports } from './task-reports.ts';

const runs = fc
  .record({ definition: definitions(), input: inputs, seed: fc.integer({ min: 1, max: 2 ** 30 }) })
  .map(({ definition, input, seed }): DriverOptions => {
    const isExpress = seed % 3 === 0 && !standardOnly.test(JSON.stringify(definition));
    return { definition, input, seed, type: isExpress ? 'EXPRESS' : 'STANDARD', tasks: randomReports(seed) };
  });

/** What an Express state machine may not have. */
const standardOnly = /\.sync|waitForTaskToken|:activity:|DISTRIBUTED/;

/** Is at every signal what its journal says, and nothing else; hears of every task's end twice. */
class ShakenDriver extends FuzzDriver {
  override async signal(signal: Signal): Promise<JournalEntry[]> {
    this.execution = freeze(copy(this.entries).reduce(evolve, copy(this.fresh)));
    const entries = await super.signal(signal);
    if (signal.type === 'taskSucceeded' || signal.type === 'taskFailed') expect(await super.signal(signal)).toEqual([]);
    return entries;
  }
}

const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) freeze(member);
  }
  return value;
}

function expectSame(actual: Execution, expected: Execution): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
}

it(
  'any definition runs to one end, whatever its tasks do, and is the same at every prefix of its journal',
  async () => {
    const statuses = new Set<string>();
    await fc.assert(
      fc.asyncProperty(runs, async (options) => {
        const driver = await new FuzzDriver(options).run();
        statuses.add(driver.execution.status);
        expectSoundHistory(driver.events);
        expect(driver.outstanding).toEqual({ tasks: [], timers: [] });
        let kept = driver.fresh;
        let read = copy(driver.fresh);
        for (const entry of driver.entries) {
          kept = evolve(freeze(kept), freeze(entry));
          read = evolve(copy(read), copy(entry));
          expectSame(read, kept);
          expectSame(copy(kept), kept);
        }
        expectSame(kept, driver.execution);
      }),
      fuzzRuns(100),
    );
    // A generator that never gets anywhere would find nothing.
    expect([...statuses]).toEqual(expect.arrayContaining(['FAILED', 'SUCCEEDED']));
  },
  fuzzTimeoutMs,
);

it(
  'an execution that is taken up from its journal before every signal goes on in the same way',
  async () => {
    await fc.assert(
      fc.asyncProperty(runs, async (options) => {
        const undisturbed = await new FuzzDriver(options).run();
        const shaken = await new ShakenDriver(options).run();
        expect(shaken.entries).toEqual(undisturbed.entries);
      }),
      fuzzRuns(80),
    );
  },
  fuzzTimeoutMs,
);
