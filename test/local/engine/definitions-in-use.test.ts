import { expect, test } from 'vitest';
import { chain, create, pass, startEngine, task } from '../../support/engine.ts';

const day = 24 * 60 * 60 * 1000;
const roleArn = 'arn:aws:iam::000000000000:role/r';
const named = (name: string, ...states: Parameters<typeof chain>) =>
  chain(...states.map((state) => ({ ...state, Comment: name })));

test('a definition is in use as long as something can still run by it', async () => {
  await using runtime = await startEngine({
    run: async () => ({ type: 'taskFailed', error: 'Broken', cause: '' }),
  });
  const { engine, clock } = runtime;
  const inUse = () =>
    engine
      .definitionsInUse()
      .map((text) => /"Comment":"(\w+)"/.exec(text)?.[1])
      .sort();
  const stateMachineArn = create(runtime, named('waiting', { Type: 'Wait', Seconds: 99_999_999 }));
  const edit = (definition: string) => engine.stateMachines.update({ stateMachineArn, definition, roleArn });
  const waiting = await engine.executions.start({ stateMachineArn });
  edit(named('failing', task));
  const failed = await engine.executions.start({ stateMachineArn });
  await engine.executions.ended(failed.executionArn);
  edit(named('routed', pass));
  const version = engine.stateMachines.publish({ stateMachineArn });
  const alias = engine.aliases.create({
    name: 'live',
    routing: [{ stateMachineVersionArn: version.arn, weight: 100 }],
  });
  edit(named('succeeding', pass, pass));
  const succeeded = await engine.executions.start({ stateMachineArn });
  await engine.executions.ended(succeeded.executionArn);
  engine.stateMachines.publish({ stateMachineArn });
  edit(named('current', pass));
  expect(inUse()).toEqual(['current', 'failing', 'routed', 'waiting']);

  await clock.advance(14 * day + 1);
  expect(inUse()).toEqual(['current', 'routed', 'waiting']);
  await engine.executions.stop({ executionArn: waiting.executionArn });
  engine.aliases.delete(alias.arn);
  expect(inUse()).toEqual(['current', 'waiting']);
});
