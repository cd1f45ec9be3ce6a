import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Stage, startStage } from './stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await startStage();
});
afterEach(() => stage[Symbol.asyncDispose]());

type States = Record<string, Record<string, unknown>>;
const rename = (states: States, from: string, to: string) => {
  states[to] = states[from]!;
  delete states[from];
  for (const state of Object.values(states)) {
    if (state.Next === from) state.Next = to;
    for (const way of (state.Catch as { Next: string }[] | undefined) ?? []) if (way.Next === from) way.Next = to;
  }
};

/** The wait for the picker has another name, its escalation is gone. */
const withoutEscalation = (states: States) => {
  rename(states, 'AwaitPicking', 'PickOrder');
  delete states.EscalatePicking;
  for (const way of states.PickOrder!.Catch as { Next: string }[]) {
    if (way.Next === 'EscalatePicking') way.Next = 'ExpirePicking';
  }
};
function mapped(states: Record<string, string>, version1 = readFileSync(stage.definitionFile, 'utf8')) {
  writeFileSync(join(stage.stateDir, 'v1.json'), version1);
  return () =>
    writeFileSync(join(stage.stateDir, 'process.migration.json'), JSON.stringify([{ from: 'v1.json', states }]));
}

const steps = (orderId: string) =>
  stage.effects.filter((line) => line.startsWith(`${orderId} `)).map((line) => line.split(' ')[1]);
const place = async (...orderIds: string[]) => {
  for (const orderId of orderIds) await stage.place(orderId);
  await stage.settled();
};
const cancel = (orderId: string) => stage.answer(`${orderId}#AwaitPicking`, { error: 'OrderCancelled' });

describe('npm run migrate', () => {
  it('has an order that waits go on in the new version, each step once, with the same wait', async () => {
    await stage.deploy();
    await place('ord_a');
    await stage.deploy();
    const { done, lines } = await stage.migrate();
    expect({ done, lines }).toEqual({
      done: true,
      lines: ['waybill-test: version 1 -> version 2', '  ord_a  AwaitPicking -> AwaitPicking  ord_a-2', '1 went on.'],
    });
    expect(await stage.records()).toEqual([]);
    await stage.settled();
    await stage.answer('ord_a#AwaitPicking', { action: 'picked' });
    await stage.settled();
    expect(stage.stands('ord_a')).toMatchObject({ name: 'ord_a-2', state: 'AwaitCarrierPickup', status: 'RUNNING' });
    await stage.answer('ord_a#AwaitCarrierPickup', { action: 'picked-up' });
    await stage.settled();
    expect(stage.executions()).toMatchObject([
      { name: 'ord_a', machine: 'main', status: 'ABORTED', error: 'Migrated' },
      { name: 'ord_a-2', machine: 'resume', status: 'SUCCEEDED' },
    ]);
    expect(steps('ord_a')).toEqual([
      'ChargePayment:1',
      'ReserveInventory:1',
      'CreateShippingLabel:1',
      'SendConfirmationEmail:2',
      'CompleteOrder:2',
    ]);
  });

  it('carries the list of what is to be undone, and what is stuck, and is done again from one version to the next', async () => {
    await stage.deploy();
    stage.fail('ReleaseInventory', 'ShelfBroken', 1);
    await place('ord_a');
    await cancel('ord_a');
    await stage.settled();
    expect(stage.stands('ord_a')).toMatchObject({ state: 'AwaitOperator' });
    await stage.deploy();
    expect((await stage.migrate()).lines).toContain('  ord_a  AwaitOperator -> AwaitOperator  ord_a-2');
    await stage.deploy();
    await stage.settled();
    expect((await stage.migrate({ from: '2' })).lines).toContain('  ord_a  AwaitOperator -> AwaitOperator  ord_a-3');
    await stage.settled();
    const waitId = [...stage.waitIds()].find((id) => id.startsWith('ord_a#AwaitOperator'))!;
    expect([...stage.waitIds()].filter((id) => id.startsWith('ord_a#AwaitOperator'))).toHaveLength(1);
    await stage.answer(waitId, { action: 'try-again' });
    await stage.settled();
    expect(stage.stands('ord_a')).toMatchObject({ name: 'ord_a-3', status: 'SUCCEEDED' });
    expect(steps('ord_a').slice(3)).toEqual([
      'VoidShippingLabel:1',
      'RefundPayment:1',
      'RecordStuckUndos:1',
      'RecordOperatorAnswer:3',
      'ReleaseInventory:3',
      'SendCancellationEmail:3',
      'CloseOrder:3',
    ]);
  });

  it('follows the mapping where a state was renamed or removed', async () => {
    await stage.deploy();
    const map = mapped({ AwaitPicking: 'PickOrder', EscalatePicking: 'PickOrder' });
    await place('ord_a', 'ord_b');
    stage.engine.clock.advance(25 * 3_600_000);
    await stage.settled();
    expect(stage.stands('ord_b')).toMatchObject({ state: 'EscalatePicking' });
    await place('ord_c');
    await stage.deploy(withoutEscalation);
    await expect(stage.migrate()).rejects.toThrow(/AwaitPicking.*no state AwaitPicking in the new definition/s);
    map();
    const { done, lines } = await stage.migrate();
    expect(lines.slice(1, -1).sort()).toEqual([
      '  ord_a  EscalatePicking -> PickOrder  ord_a-2',
      '  ord_b  EscalatePicking -> PickOrder  ord_b-2',
      '  ord_c  AwaitPicking -> PickOrder  ord_c-2',
    ]);
    expect(done).toBe(true);
    await stage.settled();
    expect(stage.stands('ord_b')).toMatchObject({ state: 'PickOrder', status: 'RUNNING' });
  });

  it('prints with --dry-run what would move and what would not, and changes nothing', async () => {
    await stage.deploy();
    const release = stage.hold('CreateShippingLabel');
    await place('ord_b');
    release();
    await stage.settled();
    stage.hold('CreateShippingLabel');
    await place('ord_a');
    await stage.deploy();
    const { done, lines } = await stage.migrate({ dryRun: true });
    expect({ done, lines }).toEqual({
      done: false,
      lines: [
        'waybill-test: version 1 -> version 2, a dry run: nothing is changed',
        '  ord_b  AwaitPicking -> AwaitPicking',
        '1 would go on, 1 did not:',
        '  ord_a  in CreateShippingLabel',
      ],
    });
    expect(stage.writes).toEqual([]);
    expect(stage.executions()).toHaveLength(2);
  });

  it('waits for an order in a step, and moves it when it waits', async () => {
    await stage.deploy();
    const release = stage.hold('CreateShippingLabel');
    await place('ord_a');
    await stage.deploy();
    let lists = 0;
    stage.intercept = async (operation) => {
      // Of both machines: the third is the second look.
      if (operation !== 'ListExecutions' || ++lists !== 3) return;
      release();
      await stage.settled();
    };
    const { done, lines } = await stage.migrate({ patienceSeconds: 20 });
    expect(lines.slice(1)).toEqual([
      '1 in a step, looking again: ord_a in CreateShippingLabel',
      '  ord_a  AwaitPicking -> AwaitPicking  ord_a-2',
      '1 went on.',
    ]);
    expect(done).toBe(true);
  });

  it('lets an order go on where it stands in the end, if it was answered just before it was stopped', async () => {
    await stage.deploy();
    await place('ord_a');
    await stage.deploy();
    stage.intercept = async (operation) => {
      if (operation !== 'StopExecution') return;
      stage.hold('SendConfirmationEmail');
      await stage.answer('ord_a#AwaitPicking', { action: 'picked' });
      await stage.settled();
    };
    const { lines } = await stage.migrate();
    expect(lines).toContain('  ord_a  SendConfirmationEmail -> SendConfirmationEmail  ord_a-2');
  });

  it('lets it go on in its own version, if it came where the new one has no place; it is moved at its next wait', async () => {
    await stage.deploy();
    await place('ord_a');
    await stage.deploy((states) => rename(states, 'SendConfirmationEmail', 'TellCustomer'));
    let release = () => {};
    stage.intercept = async (operation) => {
      if (operation === 'StartExecution') release();
      if (operation !== 'StopExecution') return;
      release = stage.hold('SendConfirmationEmail');
      await stage.answer('ord_a#AwaitPicking', { action: 'picked' });
      await stage.settled();
    };
    const { done, lines } = await stage.migrate({ patienceSeconds: 20 });
    expect(lines[1]).toMatch(
      /^ {2}ord_a {2}SendConfirmationEmail -> SendConfirmationEmail {2}ord_a-2, in its own version: it moved on/,
    );
    expect(lines.slice(-2)).toEqual(['  ord_a  AwaitCarrierPickup -> AwaitCarrierPickup  ord_a-3', '1 went on.']);
    expect(done).toBe(true);
  });

  it('moves nothing that ended before it was stopped, and leaves no record of it', async () => {
    await stage.deploy();
    await place('ord_a');
    await stage.answer('ord_a#AwaitPicking', { action: 'picked' });
    await stage.settled();
    await stage.deploy();
    stage.intercept = async (operation) => {
      if (operation !== 'StopExecution') return;
      await stage.answer('ord_a#AwaitCarrierPickup', { action: 'picked-up' });
      await stage.settled();
    };
    const { done, lines } = await stage.migrate();
    expect(lines[1]).toBe('  ord_a  its execution ended before it was stopped (SUCCEEDED)');
    expect(done).toBe(true);
    expect(await stage.records()).toEqual([]);
    expect(stage.executions()).toMatchObject([{ name: 'ord_a', status: 'SUCCEEDED' }]);
  });

  it('does not take up again what a person stopped for good', async () => {
    await stage.deploy();
    await place('ord_a');
    await stage.deploy();
    stage.intercept = async (operation) => {
      if (operation !== 'StopExecution') return;
      const [arn] = [await stage.arnOf('ord_a')];
      await stage.engine.engine.executions.stop({ executionArn: arn, error: 'ByHand' });
    };
    const { done, lines } = await stage.migrate();
    expect(lines[1]).toBe('  ord_a  its execution ended before it was stopped (ABORTED ByHand)');
    expect(done).toBe(false);
    expect(stage.executions()).toHaveLength(1);
  });

  it('by two operators at once moves each order once', async () => {
    await stage.deploy();
    const orders = Array.from({ length: 12 }, (_, index) => `ord_${index}x`);
    await place(...orders);
    await stage.deploy();
    await Promise.all([stage.migrate(), stage.migrate(), stage.migrate()]);
    await stage.migrate();
    await stage.settled();
    expect(await stage.records()).toEqual([]);
    for (const orderId of orders) {
      expect(stage.stands(orderId)).toMatchObject({ name: `${orderId}-2`, status: 'RUNNING', state: 'AwaitPicking' });
    }
    expect(stage.executions()).toHaveLength(2 * orders.length);
  });

  it('finishes what is under way when it is ended, and tells of what it did not begin', async () => {
    await stage.deploy();
    await place(...Array.from({ length: 10 }, (_, index) => `ord_${index}x`));
    await stage.deploy();
    let stopped = false;
    stage.intercept = (operation) => {
      if (operation === 'StartExecution') stopped = true;
    };
    const { done, lines } = await stage.migrate({}, () => stopped);
    expect(done).toBe(false);
    // Eight at a time: none of them was done when it was ended.
    expect(lines.slice(-3)).toEqual([
      '8 went on, 2 did not:',
      '  ord_8x  the command was ended before it was begun',
      '  ord_9x  the command was ended before it was begun',
    ]);
    expect(await stage.records()).toEqual([]);
    expect(stage.stands('ord_9x')).toMatchObject({ name: 'ord_9x', status: 'RUNNING' });
  });

  it('tells of the orders that an earlier run has stopped, if it is ended before they go on', async () => {
    await stage.deploy();
    await place('ord_a');
    await stage.deploy();
    stage.intercept = (operation) => {
      if (operation === 'StartExecution') throw new Error('the command ends here');
    };
    await expect(stage.migrate()).rejects.toThrow();
    stage.intercept = undefined;
    const { done, lines } = await stage.migrate({}, () => true);
    expect(lines.slice(-2)).toEqual([
      '0 went on, 1 did not:',
      '  ord_a  it is half-way, and the command was ended before it went on: run it again',
    ]);
    expect(done).toBe(false);
    expect(await stage.records()).toHaveLength(1);
  });

  it('moves --order alone, and asks for no --from then', async () => {
    await stage.deploy();
    await place('ord_a', 'ord_b');
    await stage.deploy();
    await stage.migrate({ order: 'ord_b', from: undefined });
    expect(stage.stands('ord_b')).toMatchObject({ name: 'ord_b-2' });
    expect(stage.stands('ord_a')).toMatchObject({ name: 'ord_a' });
  });

  it('follows --order where it went on in its own version, and asks for it by name: a list may not have it yet', async () => {
    await stage.deploy();
    await place('ord_a');
    await stage.deploy((states) => rename(states, 'SendConfirmationEmail', 'TellCustomer'));
    let release = () => {};
    let lists = 0;
    stage.intercept = async (operation) => {
      if (operation === 'ListExecutions') lists += 1;
      if (operation === 'StartExecution') release();
      if (operation !== 'StopExecution') return;
      release = stage.hold('SendConfirmationEmail');
      await stage.answer('ord_a#AwaitPicking', { action: 'picked' });
      await stage.settled();
    };
    const { done, lines } = await stage.migrate({ order: 'ord_a', from: undefined, patienceSeconds: 20 });
    expect(lines.slice(-2)).toEqual(['  ord_a  AwaitCarrierPickup -> AwaitCarrierPickup  ord_a-3', '1 went on.']);
    expect({ done, lists }).toEqual({ done: true, lists: 0 });
  });

  it('moves one that was started by the plain ARN of the machine, which has no version', async () => {
    await stage.deploy();
    const arn = (await stage.place('ord_b')).replace(':execution:', ':stateMachine:').replace(/:ord_b$/, '');
    await stage.engine.engine.executions.start({
      stateMachineArn: arn,
      name: 'ord_a',
      input: JSON.stringify({ orderId: 'ord_a', lines: [] }),
    });
    await stage.settled();
    await stage.deploy();
    const { lines } = await stage.migrate({ order: 'ord_a', from: undefined });
    expect(lines).toEqual([
      'waybill-test: a definition without a version -> version 2',
      '  ord_a  AwaitPicking -> AwaitPicking  ord_a-2',
      '1 went on.',
    ]);
  });

  it('refuses what it cannot understand, with a sentence', async () => {
    await stage.deploy();
    await place('ord_a');
    await stage.deploy();
    const refusals = await Promise.all(
      [
        { from: undefined },
        { from: '7' },
        { to: 'canary' },
        { order: 'ord_z' },
        { order: 'ord_a', from: '2', to: '1' },
      ].map((options) => stage.migrate(options).catch((error: Error) => error.message)),
    );
    expect(refusals).toEqual([
      expect.stringContaining('Say what to move: --from <version>, or --order <id>.'),
      'There is no version 7 of the process; there are 1, 2. npm run versions tells more.',
      'There is no version canary of the process; there are 1, 2. npm run versions tells more.',
      'There is no order ord_z, or it ended over 90 days ago.',
      'ord_a runs version 1, not version 2.',
    ]);
  });

  it('says so when there is nothing to do', async () => {
    await stage.deploy();
    await stage.deploy();
    expect((await stage.migrate()).lines).toEqual(['waybill-test: version 1 -> version 2', '0 went on.']);
    expect((await stage.migrate({ from: '2' })).lines[1]).toBe(
      '  Orders that run version 2 run the definition of version 2 already.',
    );
  });
});

describe('a failed order', () => {
  const failClosing = async () => {
    await stage.deploy();
    stage.fail('CloseOrder', 'Broken');
    await place('ord_a');
    await cancel('ord_a');
    await stage.settled();
    expect(stage.stands('ord_a')).toMatchObject({ state: 'NeedsAttention', status: 'FAILED' });
    stage.fail('CloseOrder', 'Broken', 0);
  };

  it('is listed, and restarted with --failed at the step that failed, in the fixed version', async () => {
    await failClosing();
    await stage.deploy();
    expect((await stage.migrate()).lines.slice(1)).toEqual([
      '1 of version 1 have failed, and --failed restarts them, or --order one of them:',
      '  ord_a  FAILED NeedsAttention',
      '0 went on.',
    ]);
    const { done, lines } = await stage.migrate({ failed: true });
    expect(lines.slice(1)).toEqual([
      'Failed orders of version 1:',
      '  ord_a  CloseOrder -> CloseOrder  ord_a-2',
      '1 went on.',
    ]);
    expect(done).toBe(true);
    await stage.settled();
    expect(stage.stands('ord_a')).toMatchObject({ name: 'ord_a-2', status: 'SUCCEEDED' });
    expect(steps('ord_a').filter((step) => step!.startsWith('CloseOrder'))).toEqual(['CloseOrder:2']);
    expect((await stage.migrate({ failed: true })).lines.slice(1)).toEqual(['0 went on.']);
  });

  it('is restarted in its own version with --to', async () => {
    await failClosing();
    const { lines } = await stage.migrate({ order: 'ord_a', from: undefined, to: '1' });
    expect(lines).toContain('  ord_a  CloseOrder -> CloseOrder  ord_a-2');
    await stage.settled();
    expect(stage.stands('ord_a')).toMatchObject({ name: 'ord_a-2', status: 'SUCCEEDED' });
  });

  it('that somebody stopped is listed with --failed, and restarted with --aborted or by its name alone', async () => {
    await failClosing();
    await place('ord_b', 'ord_c');
    for (const order of ['ord_b', 'ord_c']) {
      await stage.engine.engine.executions.stop({ executionArn: await stage.arnOf(order), error: 'ByHand' });
    }
    await stage.deploy();
    expect((await stage.migrate({ failed: true })).lines.slice(1)).toEqual([
      'Failed orders of version 1:',
      '  ord_a  CloseOrder -> CloseOrder  ord_a-2',
      '2 of version 1 were stopped by somebody, and --aborted restarts them, or --order one of them:',
      '  ord_b  ABORTED ByHand',
      '  ord_c  ABORTED ByHand',
      '1 went on.',
    ]);
    expect((await stage.migrate({ order: 'ord_b', from: undefined })).lines).toContain(
      '  ord_b  AwaitPicking -> AwaitPicking  ord_b-2',
    );
    expect((await stage.migrate({ aborted: true })).lines.slice(1)).toEqual([
      'Stopped orders of version 1:',
      '  ord_c  AwaitPicking -> AwaitPicking  ord_c-2',
      '1 went on.',
    ]);
  });

  it('is one that a command stopped to move it and that nothing goes on for: nobody wanted it to stand still', async () => {
    await stage.deploy();
    await place('ord_a');
    await stage.engine.engine.executions.stop({ executionArn: await stage.arnOf('ord_a'), error: 'Migrated' });
    await stage.deploy();
    expect((await stage.migrate({ failed: true })).lines).toContain('  ord_a  AwaitPicking -> AwaitPicking  ord_a-2');
  });

  it('is restarted by its name when it cannot be redriven any more and its version is gone', async () => {
    await failClosing();
    await stage.deploy();
    stage.engine.clock.advance(15 * 24 * 3_600_000);
    stage.deleteVersion(1);
    await expect(stage.migrate()).rejects.toThrow('There is no version 1 of the process; there are 2.');
    const { done, lines } = await stage.migrate({ order: 'ord_a', from: undefined });
    expect({ done, lines }).toEqual({
      done: true,
      lines: ['waybill-test: version 1 -> version 2', '  ord_a  CloseOrder -> CloseOrder  ord_a-2', '1 went on.'],
    });
    await stage.settled();
    expect(stage.stands('ord_a')).toMatchObject({ name: 'ord_a-2', status: 'SUCCEEDED' });
  });

  it('whose version is gone follows the mapping from it, and wants one where a state is gone with it', async () => {
    await stage.deploy();
    const map = mapped({ AwaitPicking: 'PickOrder', EscalatePicking: 'PickOrder' });
    await place('ord_a');
    await stage.engine.engine.executions.stop({ executionArn: await stage.arnOf('ord_a') });
    await stage.deploy(withoutEscalation);
    stage.deleteVersion(1);
    const refused = await stage.migrate({ order: 'ord_a', from: undefined });
    expect(refused.lines[1]).toMatch(
      /^ {2}ord_a is not restarted: Version 1 cannot be moved to version 2:\n {2}AwaitPicking/,
    );
    expect(await stage.records()).toEqual([]);
    map();
    const { lines } = await stage.migrate({ order: 'ord_a', from: undefined });
    expect(lines).toContain('  ord_a  AwaitPicking -> PickOrder  ord_a-2');
  });

  it('whose resumed execution failed and whose versions are all gone is restarted too', async () => {
    await failClosing();
    stage.fail('CloseOrder', 'Broken');
    await stage.migrate({ order: 'ord_a', from: undefined, to: '1' });
    await stage.settled();
    expect(stage.stands('ord_a')).toMatchObject({ name: 'ord_a-2', status: 'FAILED' });
    stage.fail('CloseOrder', 'Broken', 0);
    await stage.deploy();
    stage.deleteVersion(1);
    const { lines } = await stage.migrate({ order: 'ord_a', from: undefined });
    expect(lines.slice(0, 2)).toEqual([
      'waybill-test: version 1 of the resume machine -> version 2',
      '  ord_a  CloseOrder -> CloseOrder  ord_a-3',
    ]);
    await stage.settled();
    expect(stage.stands('ord_a')).toMatchObject({ name: 'ord_a-3', status: 'SUCCEEDED' });
  });

  it('is left alone if the order has ended otherwise', async () => {
    await failClosing();
    await stage.endOrder('ord_a');
    await stage.deploy();
    expect((await stage.migrate({ failed: true })).lines.slice(1)).toEqual(['0 went on.']);
    await expect(stage.migrate({ order: 'ord_a', from: undefined })).rejects.toThrow('ord_a has ended');
  });

  it('whose operator was asked too often in one execution goes on in another, with the next task', async () => {
    await stage.deploy();
    stage.fail('ReleaseInventory', 'ShelfBroken');
    await place('ord_a');
    await cancel('ord_a');
    await stage.settled();
    const tasks = () => [...stage.waitIds()].filter((id) => id.startsWith('ord_a#AwaitOperator'));
    while (stage.stands('ord_a').status === 'RUNNING') {
      await stage.answer(tasks().at(-1)!, { action: 'try-again' });
      await stage.settled();
    }
    expect(tasks()).toHaveLength(10);
    stage.fail('ReleaseInventory', 'ShelfBroken', 0);
    expect((await stage.migrate({ order: 'ord_a', from: undefined, to: '1' })).lines[1]).toBe(
      '  ord_a  RecordStuckUndos -> RecordStuckUndos  ord_a-2',
    );
    await stage.settled();
    expect(tasks()).toHaveLength(11);
    await stage.answer(tasks().at(-1)!, { action: 'try-again' });
    await stage.settled();
    expect(stage.stands('ord_a')).toMatchObject({ name: 'ord_a-2', status: 'SUCCEEDED' });
  });

  it('whose operator never answered begins anew, because that answer stands for ever', async () => {
    await stage.deploy();
    stage.fail('ReleaseInventory', 'ShelfBroken');
    await place('ord_a');
    await cancel('ord_a');
    await stage.settled();
    // Past the operator's week, and not past the time that it takes to say so.
    stage.engine.clock.advance((7 * 24 + 1) * 3_600_000);
    await stage.settled();
    expect(stage.stands('ord_a')).toMatchObject({ state: 'NeedsAttention', status: 'FAILED' });
    await stage.deploy();
    const { lines } = await stage.migrate({ failed: true });
    expect(lines.slice(2, 3)).toEqual([
      '  ord_a  ExpireOperator -> ChargePayment  ord_a-2: ExpireOperator was answered with WaitExpired, and an answer stands for ever',
    ]);
    expect(stage.executions().find(({ name }) => name === 'ord_a-2')).toMatchObject({ machine: 'main' });
  });
});
