import fc from 'fast-check';

import { describe, expect, it } from 'vitest';
import { type FunctionVersion, nameOf } from '../../../operations/versions/function-versions.ts';
import { planPrune, type SeenVersion, type Snapshot } from '../../../operations/versions/prune-plan.ts';

const version = (machine: 'main' | 'resume', number: number, more: Partial<SeenVersion> = {}): SeenVersion => ({
  arn: `${machine}:${number}`,
  machine,
  number,
  newest: false,
  deployed: false,
  routedBy: [],
  migrationTarget: false,
  resumesIn: machine === 'main' ? [`resume:${number}`] : [],
  open: 0,
  redrivable: 0,
  named: [`Charge:${number}`],
  steps: ['Charge'],
  ...more,
});

const lambda = (number: number, more: Partial<FunctionVersion> = {}): FunctionVersion => ({
  functionName: 'Charge',
  version: String(number),
  codeSha256: String(number),
  newest: false,
  usedBy: [],
  ...more,
});

const newest = { newest: true, routedBy: ['alias live (100 %)'] };

/** Three versions, of which the last is live and nothing runs on any. */
const seen = (
  changes: { versions?: SeenVersion[]; functions?: FunctionVersion[] } & Partial<Snapshot> = {},
): Snapshot => ({
  versions: [1, 2]
    .flatMap((number) => [version('main', number), version('resume', number)])
    .concat([version('main', 3, newest), version('resume', 3, newest)]),
  strays: [],
  functions: [lambda(1), lambda(2), lambda(3, { newest: true })],
  retiredRows: [],
  ...changes,
});

const withVersion = (changed: SeenVersion): Snapshot => ({
  ...seen(),
  versions: seen().versions.map((one) => (one.arn === changed.arn ? changed : one)),
});

const kept = (snapshot: Snapshot): Record<string, readonly string[]> => {
  const { versions, functions, retiredRows } = planPrune(snapshot);
  return Object.fromEntries(
    [
      ...versions.map(({ subject, keptBecause }) => [subject.arn, keptBecause] as const),
      ...functions.map(({ subject, keptBecause }) => [nameOf(subject), keptBecause] as const),
      ...retiredRows.map(({ subject, keptBecause }) => [subject, keptBecause] as const),
    ].filter(([, why]) => why.length > 0),
  );
};

describe('prune keeps', () => {
  it('what live starts orders on, what that resumes in, and what it names', () => {
    expect(kept(seen())).toEqual({
      'main:3': ['alias live (100 %) starts orders on it', 'it is the newest'],
      'resume:3': ['alias live (100 %) starts orders on it', 'it is the newest'],
      'Charge:3': ['named by version 3 and resume version 3'],
    });
  });

  it('what the stack has, where a newer one was rolled back and an older one is routed to', () => {
    const versions = seen().versions.map((one) => {
      if (one.arn === 'main:1') return { ...one, routedBy: ['alias live (100 %)'] };
      if (one.arn === 'main:3') return { ...one, routedBy: [] };
      return one.arn === 'main:2' ? { ...one, deployed: true } : one;
    });
    const rolledBack = seen({ versions });
    expect(kept(rolledBack)).toMatchObject({ 'main:2': ['the stack has it'] });
  });

  it('a version on which an order runs, its pair, and their Lambdas', () => {
    expect(kept(withVersion(version('main', 1, { open: 2 })))).toMatchObject({
      'main:1': ['2 open on it'],
      'resume:1': ['orders of version 1 can go on in it'],
      'Charge:1': ['named by version 1 and resume version 1'],
    });
  });

  it('a version whose orders go on in the resume machine', () => {
    expect(kept(withVersion(version('resume', 2, { open: 1 })))).toMatchObject({
      'main:2': ['1 open on resume version 2'],
      'resume:2': ['1 open on it'],
    });
  });

  it('a version on which an order failed within the time in which it may be redriven, and says until when', () => {
    const failed = version('main', 1, { redrivable: 1, redrivableUntil: Date.UTC(2026, 0, 15, 12) });
    expect(kept(withVersion(failed))).toMatchObject({
      'main:1': ['1 that failed or were stopped on it may be redriven until 2026-01-15T12:00Z'],
    });
  });

  it('where a migration goes on that was killed half-way', () => {
    expect(kept(withVersion(version('resume', 1, { migrationTarget: true })))).toMatchObject({
      'resume:1': ['a migration goes on in it, or did a moment ago'],
    });
  });

  it('what resumes orders of a version that is kept, where it cannot be told which one does', () => {
    const versions = seen().versions.map((one) => (one.arn === 'main:1' ? { ...one, open: 1, resumesIn: [] } : one));
    expect(kept({ ...seen(), versions })).toMatchObject({ 'resume:1': ['orders of version 1 may go on in it'] });
  });

  it('Lambda versions that an order runs of which the version is gone', () => {
    const strays = [{ open: 1, redrivable: 0, named: ['Charge:1'], steps: ['Charge'] }];
    expect(kept(seen({ strays }))).toMatchObject({ 'Charge:1': ['named by 1 executions without a version'] });
  });

  it('Lambda versions with an alias or an event source', () => {
    const functions = [lambda(1, { usedBy: ['alias warm'] }), lambda(3, { newest: true })];
    expect(kept(seen({ functions }))).toMatchObject({ 'Charge:1': ['alias warm uses it'] });
  });

  it('everything that an alias may have routed to a moment ago', () => {
    expect(Object.keys(kept(seen({ unsettled: 'wait' })))).toHaveLength(9);
  });

  it('retired rows as long as a version that is kept has their step', () => {
    const retiredRows = ['Gone', 'Weigh'];
    const weighed = version('main', 1, { open: 1, steps: ['Charge', 'Weigh'] });
    expect(kept({ ...withVersion(weighed), retiredRows })).toMatchObject({ Weigh: ['named by version 1'] });
    expect(kept(seen({ retiredRows }))).not.toHaveProperty('Gone');
  });
});

/** Any history of a stack: what names what, and what runs. */
const snapshots: fc.Arbitrary<Snapshot> = fc
  .record({
    count: fc.integer({ min: 1, max: 5 }),
    resumeCount: fc.integer({ min: 1, max: 5 }),
    lambdas: fc.integer({ min: 1, max: 3 }),
    seed: fc.infiniteStream(fc.nat(99)),
  })
  .map(({ count, resumeCount, lambdas, seed }) => {
    const next = () => seed.next().value!;
    const chance = (percent: number) => next() < percent;
    const functions = Array.from({ length: lambdas }, (_, index) =>
      Array.from(
        { length: 4 },
        (_, n): FunctionVersion => ({
          functionName: `F${index}`,
          version: String(n + 1),
          codeSha256: '',
          newest: n === 3,
          usedBy: chance(5) ? ['alias warm'] : [],
        }),
      ),
    );
    const needs = () => {
      const picked = functions.filter(() => chance(80)).map((versions) => versions[next() % 4]!);
      return { named: picked.map(nameOf), steps: picked.map(({ functionName }) => functionName) };
    };
    const executions = () => ({ open: chance(25) ? 1 + next() : 0, redrivable: chance(15) ? 1 + next() : 0 });
    const machine = (kind: 'main' | 'resume', length: number) =>
      Array.from({ length }, (_, index) =>
        version(kind, index + 1, {
          newest: index === length - 1,
          routedBy: chance(20) ? ['alias live (50 %)'] : [],
          migrationTarget: chance(10),
          deployed: chance(20),
          resumesIn:
            kind === 'main' && chance(80)
              ? Array.from({ length: resumeCount }, (_, n) => `resume:${n + 1}`).filter(() => chance(40))
              : [],
          ...executions(),
          ...needs(),
        }),
      );
    return {
      versions: [...machine('main', count), ...machine('resume', resumeCount)],
      strays: Array.from({ length: chance(30) ? 1 : 0 }, () => ({ open: 1, redrivable: 0, ...needs() })),
      functions: functions.flat(),
      retiredRows: functions.filter(() => chance(30)).map(([one]) => one!.functionName),
    };
  });

interface Deleted {
  versions: SeenVersion[];
  functions: FunctionVersion[];
}

const deletions = (snapshot: Snapshot): Deleted => {
  const plan = planPrune(snapshot);
  return {
    versions: plan.versions.filter(({ keptBecause }) => keptBecause.length === 0).map(({ subject }) => subject),
    functions: plan.functions.filter(({ keptBecause }) => keptBecause.length === 0).map(({ subject }) => subject),
  };
};

/** What is seen after some of it was deleted. */
const without = (snapshot: Snapshot, { versions, functions }: Deleted): Snapshot => {
  const gone = new Set(versions.map(({ arn }) => arn));
  return {
    ...snapshot,
    versions: snapshot.versions
      .filter(({ arn }) => !gone.has(arn))
      .map((one) => ({ ...one, resumesIn: one.resumesIn.filter((arn) => !gone.has(arn)) })),
    functions: snapshot.functions.filter((one) => !functions.includes(one)),
  };
};

const runnable = ({ versions, strays }: Snapshot) => [
  ...versions.filter(({ open, redrivable }) => open + redrivable > 0),
  ...strays,
];

describe('whatever there is, prune', () => {
  it('never deletes what an order that runs or may be redriven needs, nor what starts orders', () => {
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        const { versions, functions } = deletions(snapshot);
        const needed = new Set(runnable(snapshot).flatMap(({ named }) => named));
        expect(functions.filter((one) => needed.has(nameOf(one)) || one.newest || one.usedBy.length > 0)).toEqual([]);
        expect(
          versions.filter(
            (one) =>
              one.open + one.redrivable + one.routedBy.length > 0 || one.newest || one.migrationTarget || one.deployed,
          ),
        ).toEqual([]);
      }),
    );
  });

  it('never leaves a version that names a Lambda version which it deletes', () => {
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        const after = without(snapshot, deletions(snapshot));
        const existing = new Set(after.functions.map(nameOf));
        expect(after.versions.flatMap(({ named }) => named).filter((name) => !existing.has(name))).toEqual([]);
      }),
    );
  });

  it('never takes the resume version of a version that stays', () => {
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        const after = without(snapshot, deletions(snapshot));
        const left = new Map(after.versions.map(({ arn, resumesIn }) => [arn, resumesIn]));
        for (const { arn, resumesIn } of snapshot.versions) {
          if (left.has(arn) && resumesIn.length > 0) expect(left.get(arn)).toContain(resumesIn.at(-1));
        }
      }),
    );
  });

  it('is done after one run, and killed half-way it does the rest when it is run again, and no more', () => {
    fc.assert(
      fc.property(snapshots, fc.nat(), (snapshot, stop) => {
        const all = deletions(snapshot);
        // As the command does it: the versions in which orders go on come first.
        all.versions.sort((one, other) => Number(one.machine === 'main') - Number(other.machine === 'main'));
        const done = without(snapshot, all);
        expect(deletions(done)).toEqual({ versions: [], functions: [] });

        const steps = all.versions.length + all.functions.length;
        const first = stop % (steps + 1);
        const half = without(snapshot, {
          versions: all.versions.slice(0, first),
          functions: all.functions.slice(0, Math.max(0, first - all.versions.length)),
        });
        const rest = without(half, deletions(half));
        expect(rest.versions.map(({ arn }) => arn)).toEqual(done.versions.map(({ arn }) => arn));
        expect(rest.functions).toEqual(done.functions);
      }),
    );
  });

  it('says that a row can go only when nothing that is left has its step', () => {
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        const left = without(snapshot, deletions(snapshot));
        const steps = new Set([...left.versions, ...left.strays].flatMap((one) => one.steps));
        for (const { subject, keptBecause } of planPrune(snapshot).retiredRows) {
          expect(keptBecause.length > 0).toBe(steps.has(subject));
        }
      }),
    );
  });
});
