import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { redrive } from '../../../operations/redrive/redrive.ts';
import { openStack } from '../../../operations/stack-access.ts';
import { type Stage, startStage } from '../migrate/stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await startStage();
});
afterEach(() => stage[Symbol.asyncDispose]());

/** What it says, or why it does not do it. */
async function redriveOf(order: string): Promise<string> {
  const lines: string[] = [];
  const stack = await openStack({ state: stage.stateDir });
  await redrive(stack, { order, dryRun: false }, (line) => lines.push(line)).catch((error) =>
    lines.push(error.message),
  );
  return lines.join('\n');
}
const place = async (...orderIds: string[]) => {
  for (const orderId of orderIds) await stage.place(orderId);
  await stage.settled();
};
const cancel = (orderId: string) => stage.answer(`${orderId}#AwaitPicking`, { error: 'OrderCancelled' });

describe('npm run redrive', () => {
  it('refuses what would only enter a Fail state again, and says what helps', async () => {
    await stage.deploy();
    stage.fail('CloseOrder', 'Broken');
    await place('ord_a');
    await cancel('ord_a');
    await stage.settled();
    expect(await redriveOf('ord_a')).toBe(
      'ord_a came to NeedsAttention, and a redrive would only enter it again. Restart it at CloseOrder: npm run migrate -- --order ord_a (add --to <version> to stay on its own version).',
    );
  });

  it('refuses what was moved, what runs, and what there is not', async () => {
    await stage.deploy();
    await place('ord_a', 'ord_b');
    await stage.engine.engine.executions.stop({ executionArn: await stage.arnOf('ord_a'), error: 'Migrated' });
    expect(await Promise.all(['ord_a', 'ord_b', 'ord_z'].map(redriveOf))).toEqual([
      'ord_a was stopped to go on in another version: redriven, the order would run twice. Finish its move: npm run migrate -- --order ord_a',
      'ord_b runs: there is nothing to redrive.',
      'There is no order ord_z, or it ended over 90 days ago.',
    ]);
  });

  it('has an order that a person stopped go on in the step in which it was', async () => {
    await stage.deploy();
    const release = stage.hold('CreateShippingLabel');
    await place('ord_a');
    await stage.engine.engine.executions.stop({ executionArn: await stage.arnOf('ord_a') });
    release();
    expect(await redriveOf('ord_a')).toBe('ord_a goes on at CreateShippingLabel, in its own version.');
    await stage.settled();
    expect(stage.stands('ord_a')).toMatchObject({ name: 'ord_a', status: 'RUNNING', state: 'AwaitPicking' });
  });

  it('refuses one that stood in a wait, which has to be entered anew', async () => {
    await stage.deploy();
    await place('ord_a');
    await stage.engine.engine.executions.stop({ executionArn: await stage.arnOf('ord_a') });
    expect(await redriveOf('ord_a')).toBe(
      'ord_a stood in the wait AwaitPicking, which a redrive does not enter anew: no answer would reach it. Have it go on in another execution: npm run migrate -- --order ord_a (add --to <version> to stay on its own version).',
    );
    await stage.migrate({ order: 'ord_a', from: undefined, to: '1' });
    await stage.settled();
    await stage.answer('ord_a#AwaitPicking', { action: 'picked' });
    await stage.settled();
    expect(stage.stands('ord_a')).toMatchObject({ name: 'ord_a-2', state: 'AwaitCarrierPickup' });
  });

  it('refuses a wait also where the version is gone, or there was none', async () => {
    await stage.deploy();
    await place('ord_a');
    const { executions } = stage.engine.engine;
    const [stateMachineArn] = executions.get(await stage.arnOf('ord_a')).versionArn!.split(/:1$/);
    const { executionArn } = await executions.start({
      stateMachineArn: stateMachineArn!,
      name: 'ord_b',
      input: JSON.stringify({ orderId: 'ord_b', lines: [] }),
    });
    await stage.settled();
    await executions.stop({ executionArn });
    expect(await redriveOf('ord_b')).toBe(
      'ord_b stood in the wait AwaitPicking, which a redrive does not enter anew: no answer would reach it. ' +
        'Have it go on in another execution: npm run migrate -- --order ord_b (add --to <version> to stay on its own version).',
    );
  });
});
