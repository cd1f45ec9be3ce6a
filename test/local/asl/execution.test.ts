import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evolve } from '../../../local/asl/execution.ts';
import { type DriverOptions, InterpreterDriver, type TaskReport } from '../../support/interpreter-driver.ts';

const lambda = 'arn:aws:states:::lambda:invoke';
const handling = {
  Retry: [{ ErrorEquals: ['Flaky'], MaxAttempts: 2, JitterStrategy: 'FULL' }],
  Catch: [{ ErrorEquals: ['States.ALL'], Assign: { caught: '{% $states.errorOutput.Error %}' }, Next: 'Last' }],
};

/** A few states in a row that end in `Last`; Parallel and Map states hold more of the same. */
const machines = fc.letrec<{ group: object; state: object }>((tie) => ({
  state: fc.oneof(
    { maxDepth: 2, depthSize: 'xsmall', withCrossShrink: true },
    fc.constantFrom(
      { Type: 'Pass', Assign: { n: '{% $count($states.context.Execution.Name) %}' } },
      { Type: 'Pass', QueryLanguage: 'JSONata', Output: '{% [$states.input, $random()] %}' },
      { Type: 'Wait', Seconds: 7 },
      { Type: 'Task', Resource: lambda, TimeoutSeconds: 20, ...handling },
      { Type: 'Task', Resource: `${lambda}.waitForTaskToken`, HeartbeatSeconds: 5, ...handling },
    ),
    fc
      .array(tie('group'), { minLength: 1, maxLength: 2 })
      .map((Branches) => ({ Type: 'Parallel', Branches, ...handling })),
    tie('group').map((group) => ({
      Type: 'Map',
      Items: [1, 2, 3],
      ToleratedFailureCount: 1,
      ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED' }, ...group },
      ...handling,
    })),
    tie('group').map((ItemProcessor) => ({
      Type: 'Map',
      Items: [1, 2, 3],
      MaxConcurrency: 2,
      ItemProcessor,
      ...handling,
    })),
  ),
  group: fc.array(tie('state'), { minLength: 1, maxLength: 3 }).map(chain),
})).group;

let names = 0;
function chain(states: object[]): object {
  const prefix = `S${names++}`;
  const last = { Type: 'Pass', Output: 'end', End: true };
  const entries = states.map((state, index) => {
    const Next = index < states.length - 1 ? `${prefix}.${index + 1}` : `${prefix}.Last`;
    const { Catch, ...rest } = state as { Catch?: { Next: string }[] };
    const catchers = Catch?.map((catcher) => ({ ...catcher, Next: `${prefix}.Last` }));
    return [`${prefix}.${index}`, { ...rest, ...(catchers && { Catch: catchers }), Next }];
  });
  return { StartAt: `${prefix}.0`, States: { ...Object.fromEntries(entries), [`${prefix}.Last`]: last } };
}

const reports = fc.constantFrom<TaskReport[]>(
  [{ started: true }, { result: { ok: true } }],
  [{ afterMs: 3000, result: 'slow' }],
  [{ error: 'Flaky' }],
  [{ started: true }, { afterMs: 2000, error: 'Broken', cause: 'for good' }],
  [{ started: true }, { submitted: {} }, { afterMs: 4000, heartbeat: true }, { afterMs: 4000, result: 1 }],
  [{ started: true }],
);

const runs = fc.record({
  machine: machines,
  script: fc.infiniteStream(reports),
  seed: fc.integer({ min: 1, max: 2 ** 30 }),
});

function optionsOf({ machine, script, seed }: { machine: object; script: fc.Stream<TaskReport[]>; seed: number }) {
  const drawn = [...script.take(200)];
  return (): DriverOptions => {
    let next = 0;
    const definition = { QueryLanguage: 'JSONata', ...machine };
    return { definition, input: { a: 1 }, seed, tasks: () => drawn[next++ % drawn.length] ?? [] };
  };
}

const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) freeze(member);
  }
  return value;
}

describe('an execution', () => {
  it('is the same at every prefix of its journal, whether kept, folded anew or read from JSON', async () => {
    await fc.assert(
      fc.asyncProperty(runs, async (run) => {
        const driver = await new InterpreterDriver(optionsOf(run)()).run();
        let kept = driver.fresh;
        let read = copy(driver.fresh);
        for (const entry of driver.entries) {
          kept = evolve(freeze(kept), freeze(entry));
          read = evolve(copy(read), copy(entry));
          if (!isDeepStrictEqual(read, kept)) expect(read).toEqual(kept);
          if (!isDeepStrictEqual(copy(kept), kept)) expect(copy(kept)).toEqual(kept);
        }
        expect(kept).toEqual(driver.execution);
      }),
      { numRuns: 40 },
    );
  });

  it('goes on in the same way when it is rebuilt from its journal before every signal', async () => {
    await fc.assert(
      fc.asyncProperty(runs, async (run) => {
        const options = optionsOf(run);
        const undisturbed = await new InterpreterDriver(options()).run();
        const shaken = new InterpreterDriver(options());
        const signal = shaken.signal.bind(shaken);
        shaken.signal = (one) => {
          shaken.execution = freeze(copy(shaken.entries).reduce(evolve, copy(shaken.fresh)));
          return signal(one);
        };
        await shaken.run();
        expect(shaken.entries).toEqual(undisturbed.entries);
      }),
      { numRuns: 40 },
    );
  });

  it('numbers its events without gaps, each caused by an earlier one, and leaves nothing in flight at its end', async () => {
    await fc.assert(
      fc.asyncProperty(runs, async (run) => {
        const driver = await new InterpreterDriver(optionsOf(run)()).run();
        for (const [index, event] of driver.events.entries()) {
          expect(event.id).toBe(index + 1);
          expect(event.previousEventId).toBeLessThan(event.id);
        }
        if (driver.execution.status !== 'RUNNING') expect(driver.outstanding).toEqual({ tasks: [], timers: [] });
      }),
      { numRuns: 40 },
    );
  });
});
