/**
 * A command that has a failed order go on is killed before and after each of its writes, by the endpoint that it writes to. Either
 * command goes on from there, without a wait, and the order ends once.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Stage, startStage } from '../operations/migrate/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
  await stage.deploy();
  await stage.deploy();
});
afterAll(() => stage[Symbol.asyncDispose]());

const args = {
  redrive: (order: string) => ['redrive', '--order', order],
  migrate: (order: string) => [
    'migrate',
    '--order',
    order,
    '--to',
    '2',
    '--definition',
    stage.definitionFile,
    '--wait',
    '5',
  ],
};
/** Of a redrive PutItem, RedriveExecution, DeleteItem; of a restart PutItem, StartExecution, DeleteItem, and two marks before the last. */
const writes = { redrive: 3, migrate: 5 };
type Command = keyof typeof args;

const both: Command[] = ['redrive', 'migrate'];
const points = both.flatMap((killed) =>
  both.flatMap((next) =>
    Array.from({ length: writes[killed] }, (_, index) => index + 1).flatMap((write) => [
      { killed, next, write, when: 'before' as const },
      { killed, next, write, when: 'after' as const },
    ]),
  ),
);

async function stoppedInStep(order: string): Promise<void> {
  const release = stage.hold('CreateShippingLabel');
  await stage.place(order, 1);
  await stage.settled();
  await stage.engine.engine.executions.stop({ executionArn: await stage.arnOf(order) });
  release();
}

describe('a failed order', () => {
  it.each(points)('whose $killed was killed $when its write $write goes on with $next', async (point) => {
    const { killed, next, write, when } = point;
    const order = `ord_${killed}${write}${when}${next}`;
    await stoppedInStep(order);
    expect(await stage.run(args[killed](order), { write, when })).toMatchObject({ signal: 'SIGKILL' });
    const again = await stage.run(args[next](order));
    // A redrive does not finish a restart, and says which command does. What goes on already is no news to it.
    if (again.code !== 0) {
      expect(again.output).toMatch(
        /being restarted by .* since .*npm run migrate -- --order|runs: there is nothing to redrive/,
      );
      await stage.run(args.migrate(order));
    }
    await stage.settled();
    expect(await stage.records()).toEqual([]);
    for (const wait of ['AwaitPicking', 'AwaitCarrierPickup']) {
      await stage.answer(`${order}#${wait}`, { action: 'done' });
      await stage.settled();
    }
    const executions = stage.executions().filter(({ name }) => name === order || name.startsWith(`${order}-`));
    expect(executions.filter(({ status }) => status === 'SUCCEEDED')).toHaveLength(1);
    expect(executions.filter(({ status }) => status === 'RUNNING')).toEqual([]);
    expect(stage.effects.filter((line) => line.startsWith(`${order} SendConfirmationEmail`))).toHaveLength(1);
  });
});
