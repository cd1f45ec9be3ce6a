/** A redrive that no record keeps apart from the others: of a console, or of a command that slept. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type MigrationRecord, orderRecords } from '../../../operations/migrate/record.ts';
import { redrive } from '../../../operations/redrive/redrive.ts';
import { openStack } from '../../../operations/stack-access.ts';
import { type Stage, startStage } from '../migrate/stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await startStage();
});
afterEach(() => stage[Symbol.asyncDispose]());

async function redriveOf(order: string, dryRun = false): Promise<string> {
  const lines: string[] = [];
  await redrive(await openStack({ state: stage.stateDir }), { order, dryRun }, (line) => lines.push(line)).catch(
    (error) => lines.push(error.message),
  );
  return lines.join('\n');
}

/** As a console does: it asks nobody. */
const redriveInConsole = async (name: string) =>
  stage.engine.engine.executions.redrive({ executionArn: await stage.arnOf(name) });
const running = () =>
  stage
    .executions()
    .filter(({ status }) => status === 'RUNNING')
    .map(({ name }) => name);

async function waits(order: string): Promise<void> {
  await stage.deploy();
  await stage.place(order);
  await stage.settled();
  await stage.deploy();
}

async function stoppedInStep(order: string): Promise<void> {
  await stage.deploy();
  const release = stage.hold('CreateShippingLabel');
  await stage.place(order);
  await stage.settled();
  await stage.engine.engine.executions.stop({ executionArn: await stage.arnOf(order) });
  release();
  await stage.deploy();
}

describe('an execution that somebody has go on in the console', () => {
  it('while its order is moved, is stopped again', async () => {
    await waits('ord_a');
    stage.intercept = async (operation) => {
      if (operation === 'StartExecution') await redriveInConsole('ord_a');
    };
    const { done, lines } = await stage.migrate();
    expect(lines[1]).toBe(
      '  ord_a  AwaitPicking -> AwaitPicking  ord_a-2; ord_a had been redriven meanwhile, and was stopped again',
    );
    expect({ done, running: running() }).toEqual({ done: true, running: ['ord_a-2'] });
  });

  it.each([
    { order: 'ord_a', from: undefined, to: '1' },
    { from: '1', to: '2' },
  ])('after its order was moved, is stopped again by the next migrate %o', async (options) => {
    await waits('ord_a');
    await stage.migrate();
    await redriveInConsole('ord_a');
    expect(running().sort()).toEqual(['ord_a', 'ord_a-2']);
    const dry = await stage.migrate({ ...options, dryRun: true });
    expect(dry.lines).toContain('  ord_a was redriven and runs beside ord_a-2: it would be stopped again');
    expect(running()).toHaveLength(2);
    const { lines } = await stage.migrate(options);
    expect(lines).toContain('  ord_a was redriven and runs beside ord_a-2: it is stopped again');
    await stage.settled();
    expect(running()).toEqual([options.order ? 'ord_a-3' : 'ord_a-2']);
  });
});

describe('npm run redrive', () => {
  /** Another command finishes the redrive, and moves the order, before this one's request of that kind passes. */
  async function overtaken(operation: string, at: number, minutes: number): Promise<string> {
    await stoppedInStep('ord_a');
    let asked = 0;
    stage.intercept = async (now) => {
      if (now !== operation || ++asked !== at) return;
      stage.intercept = undefined;
      await stage.migrate({ order: 'ord_a', from: undefined, patienceSeconds: 20 });
      await stage.settled();
      expect(running()).toEqual(['ord_a-2']);
      stage.engine.clock.advance(minutes * 60_000);
    };
    const said = await redriveOf('ord_a');
    await stage.settled();
    expect(running()).toEqual(['ord_a-2']);
    expect(await stage.records()).toEqual([]);
    return said;
  }
  const redrives = () => stage.writes.filter((write) => write === 'RedriveExecution').length;
  const timesRedriven = async () => stage.engine.engine.executions.get(await stage.arnOf('ord_a')).redriveCount;

  it('that slept for minutes, right before its request, wakes nothing: Step Functions has had that request', async () => {
    expect(await overtaken('RedriveExecution', 1, 14)).toBe('ord_a is over: the order goes on as ord_a-2 by now.');
    expect([redrives(), await timesRedriven()]).toEqual([2, 1]);
  });

  it('that slept for longer takes back what it woke', async () => {
    const said = await overtaken('RedriveExecution', 1, 16);
    expect(said).toBe('ord_a was stopped again: the order goes on as ord_a-2 by now.');
    expect([redrives(), await timesRedriven()]).toEqual([2, 2]);
  });

  it('that slept before its last look finds that its record is gone', async () => {
    expect(await overtaken('GetItem', 2, 16)).toBe('ord_a was dealt with by another command.');
    expect(redrives()).toBe(1);
  });

  it('that slept while it read what its record is about wakes nothing', async () => {
    // Its own first look is before the record.
    await overtaken('GetExecutionHistory', 2, 16);
    expect(redrives()).toBe(1);
  });

  it('of an order that another command restarts says who does, since when, and what to do if that has died', async () => {
    await stoppedInStep('ord_a');
    const machine = (await stage.arnOf('ord_a')).replace(':execution:', ':stateMachine:').replace(/:ord_a$/, '');
    const record: MigrationRecord = {
      kind: 'restart',
      orderId: 'ord_a',
      from: await stage.arnOf('ord_a'),
      fromVersion: `${machine}:1`,
      toVersion: `${machine}:2`,
      name: 'ord_a-2',
      by: 'ada@laptop',
      plannedAt: '2030-01-01T08:15:00.000Z',
    };
    await orderRecords((await openStack({ state: stage.stateDir })).dynamodb, 'orders').put(record);
    const refusal =
      'ord_a is being restarted by ada@laptop since 2030-01-01 08:15:00Z. If that command has died, this one finishes what it began: npm run migrate -- --order ord_a';
    expect(await redriveOf('ord_a')).toBe(refusal);
    expect(await redriveOf('ord_a', true)).toBe(refusal);
    const { lines } = await stage.migrate({ order: 'ord_a', from: undefined });
    expect(lines.slice(0, 3)).toEqual([
      '1 order is under way, by an earlier run or another one:',
      '  ord_a is being restarted by ada@laptop since 2030-01-01 08:15:00Z',
      '  ord_a  CreateShippingLabel -> CreateShippingLabel  ord_a-2',
    ]);
    expect(running()).toEqual(['ord_a-2']);
  });
});
