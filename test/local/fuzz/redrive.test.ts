import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { evolve } from '../../../local/asl/execution.ts';
import type { JournalEntry } from '../../../local/asl/history.ts';
import { mapRunsIn } from '../../../local/asl/map-runs.ts';
import type { Signal } from '../../../local/asl/signal.ts';
import type { DriverOptions } from '../../support/interpreter-driver.ts';
import { definitions, inputs } from './arbitrary-definition.ts';
import { expectSoundHistory, FuzzDriver } from './fuzz-driver.ts';
import { fuzzRuns, fuzzTimeoutMs } from './fuzz-runs.ts';
import { drawn, randomReports } from './task-reports.ts';

const runs = fc
  .record({ definition: definitions(), input: inputs, seed: fc.integer({ min: 1, max: 2 ** 30 }) })
  .map(({ definition, input, seed }) => ({ definition, input, seed, tasks: randomReports(seed) }));

/** Ends, or is stopped somewhere, and is redriven, again and again. */
class RedrivenDriver extends FuzzDriver {
  readonly #seed: number;

  constructor(options: DriverOptions & { seed: number }) {
    super(options);
    this.#seed = options.seed;
  }

  async runAndRedrive(times: number): Promise<this> {
    for (let attempt = 0; attempt <= times; attempt += 1) {
      if (attempt > 0) await this.signal({ type: 'redrive' });
      const patience = (drawn(this.#seed, attempt) % 5) * 3000;
      await this.runFor(patience);
      if (this.execution.status === 'RUNNING' && patience > 0) await this.signal({ type: 'stop', error: 'Enough' });
      this.signals = 0;
      await this.run();
    }
    return this;
  }
}

/** Is at every signal what its journal says, and nothing else. */
class ShakenDriver extends RedrivenDriver {
  override async signal(signal: Signal): Promise<JournalEntry[]> {
    this.execution = copy(this.entries).reduce(evolve, copy(this.fresh));
    return super.signal(signal);
  }
}

const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** The events up to each redrive, and after the last. */
function attempts(driver: FuzzDriver) {
  const starts = driver.events.flatMap(({ type }, index) => (type === 'ExecutionRedriven' ? [index] : []));
  return [0, ...starts].map((start, n) => driver.events.slice(start, starts[n]));
}

it(
  'whatever became of an execution, a redrive goes on to one end, and its journal gives the same',
  async () => {
    let redriven = 0;
    let mended = 0;
    await fc.assert(
      fc.asyncProperty(runs, async (options) => {
        const driver = await new RedrivenDriver(options).runAndRedrive(3);
        const [first, ...others] = attempts(driver);
        redriven += others.length;
        if (others.length > 0 && driver.execution.status === 'SUCCEEDED') mended += 1;
        expectSoundHistory(first!);
        for (const [n, events] of others.entries()) {
          expect(events[0]?.executionRedrivenEventDetails).toEqual({ redriveCount: n + 1 });
          const from = events[0]!.id - 1;
          expectSoundHistory(events.map((event) => ({ ...event, id: event.id - from, previousEventId: 0 })));
          for (const { id, previousEventId } of events) expect(previousEventId).toBeLessThan(id);
        }
        expect(driver.outstanding).toEqual({ tasks: [], timers: [] });
        expect(mapRunsIn(driver.entries).every(({ status }) => status !== 'RUNNING')).toBe(true);
        const folded = copy(driver.entries).reduce(evolve, copy(driver.fresh));
        if (!isDeepStrictEqual(folded, driver.execution)) expect(folded).toEqual(driver.execution);
      }),
      fuzzRuns(100),
    );
    expect(redriven).toBeGreaterThan(0);
    expect(mended).toBeGreaterThan(0);
  },
  fuzzTimeoutMs,
);

it(
  'a redriven execution that is taken up from its journal before every signal goes on in the same way',
  async () => {
    await fc.assert(
      fc.asyncProperty(runs, async (options) => {
        const undisturbed = await new RedrivenDriver(options).runAndRedrive(2);
        const shaken = await new ShakenDriver(options).runAndRedrive(2);
        expect(shaken.entries).toEqual(undisturbed.entries);
      }),
      fuzzRuns(60),
    );
  },
  fuzzTimeoutMs,
);
