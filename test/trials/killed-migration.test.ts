/**
 * The command is killed before and after each of its writes in turn, by the endpoint that it writes to, and run again. The writes
 * of one order are PutItem, StopExecution, StartExecution, DeleteItem, and once the two marks of where it went: twenty places for two.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Stage, startStage } from '../operations/migrate/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
  await stage.deploy();
});
afterAll(() => stage[Symbol.asyncDispose]());

const points = Array.from({ length: 10 }, (_, index) => index + 1).flatMap((write) => [
  { write, when: 'before' as const },
  { write, when: 'after' as const },
]);

describe('npm run migrate, ended by SIGKILL', () => {
  // Of each point its own orders; the version that they come from is the same, and so is the one that they go to.
  it.each(points)(
    '$when its write number $write goes on when it is run again, and every order ends once',
    async (point) => {
      const orders = ['a', 'b'].map((name) => `ord_${name}${point.write}${point.when}`);
      const from = stage.deployed();
      for (const orderId of orders) await stage.place(orderId);
      await stage.settled();
      const to = await stage.deploy();
      const args = ['migrate', '--from', String(from), '--wait', '5', '--definition', stage.definitionFile];
      stage.writes.length = 0;
      const killed = await stage.run(args, point);
      expect(killed.signal).toBe('SIGKILL');
      // Whoever answers while nobody moves anything is heard.
      await stage.answer(`${orders[0]}#AwaitPicking`, { action: 'picked' });
      await stage.settled();
      const again = await stage.run(args);
      expect(again).toMatchObject({ code: 0, signal: null });
      expect(await stage.records()).toEqual([]);
      await stage.settled();
      await stage.answer(`${orders[1]}#AwaitPicking`, { action: 'picked' });
      await stage.settled();
      for (const orderId of orders) await stage.answer(`${orderId}#AwaitCarrierPickup`, { action: 'picked-up' });
      await stage.settled();
      for (const orderId of orders) {
        const executions = stage.executions().filter(({ name }) => name.startsWith(orderId));
        const ends = executions.map(({ name, machine, status, error }) => ({ name, machine, status, error }));
        expect(ends.filter(({ status }) => status === 'SUCCEEDED')).toHaveLength(1);
        expect(ends.filter(({ status, error }) => status !== 'SUCCEEDED' && error !== 'Migrated')).toEqual([]);
        expect(ends.at(-1)).toMatchObject({ status: 'SUCCEEDED' });
        const did = stage.effects.filter((line) => line.startsWith(`${orderId} `)).map((line) => line.split(' ')[1]);
        expect(did.map((line) => line!.split(':')[0])).toEqual([
          'ChargePayment',
          'ReserveInventory',
          'CreateShippingLabel',
          'SendConfirmationEmail',
          'CompleteOrder',
        ]);
        expect(did.at(-1)).toBe(`CompleteOrder:${to}`);
      }
    },
  );

  it('after it started what goes on, which has ended by the time that it is run again, finds that and starts nothing', async () => {
    const from = stage.deployed();
    await stage.place('ord_z');
    await stage.settled();
    await stage.deploy();
    const args = ['migrate', '--from', String(from), '--definition', stage.definitionFile];
    expect((await stage.run(args, { write: 3, when: 'after' })).signal).toBe('SIGKILL');
    await stage.answer('ord_z#AwaitPicking', { action: 'picked' });
    await stage.settled();
    await stage.answer('ord_z#AwaitCarrierPickup', { action: 'picked-up' });
    await stage.settled();
    expect(stage.stands('ord_z')).toMatchObject({ name: 'ord_z-2', status: 'SUCCEEDED' });
    expect(await stage.records()).toHaveLength(1);
    expect(await stage.run(args)).toMatchObject({ code: 0, output: expect.stringContaining('ord_z-2') });
    expect(await stage.records()).toEqual([]);
    expect(stage.executions().filter(({ name }) => name.startsWith('ord_z'))).toHaveLength(2);
  });
});
