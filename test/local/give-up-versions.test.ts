import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { Checkpoints } from '../../local/engine/checkpoints.ts';
import { giveUpVersions } from '../../local/give-up-versions.ts';
import { takeUp } from '../../local/take-up.ts';
import { loadAssembly } from '../../local/template/load-assembly.ts';
import { openPublishedVersions } from '../../local/template/published-versions.ts';
import { checkpointsInMemory } from '../support/checkpoints.ts';
import { chain, echo, role, startEngine, type TestEngine } from '../support/engine.ts';
import { smallApp } from './small-app.ts';

const day = 24 * 60 * 60 * 1000;
const machineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:Shop-Machine';
let store: Checkpoints;
beforeEach(() => {
  store = checkpointsInMemory();
});

/** A start with an edited app. */
function start({ engine, stateDir }: TestEngine, revision: number): void {
  const assembly = loadAssembly(smallApp({ revision }));
  assembly.know('Queue', 'Ref', 'http://127.0.0.1:1/000000000000/Shop-Queue');
  const published = openPublishedVersions(stateDir);
  const { functions } = takeUp(assembly, engine, published);
  giveUpVersions(engine, published, functions, store);
}

/** The revisions of which there still is code, and versions of the state machine. */
function kept({ engine, stateDir }: TestEngine) {
  const code = readdirSync(join(stateDir, 'code')).flatMap((name) => /^asset\.work-(\d+)$/.exec(name)?.[1] ?? []);
  const versions = engine.stateMachines.versions(machineArn).map(({ version }) => String(version));
  return { code: code.sort(), versions: versions.sort() };
}

const both = (...revisions: string[]) => ({ code: revisions, versions: revisions });
const startOn = ({ engine }: TestEngine, input = '{"id":"a"}') =>
  engine.executions.start({ stateMachineArn: `${machineArn}:live`, input });

/** Executions stand in their wait: nobody answers. */
const standing: Parameters<typeof startEngine>[0] = {
  run: async (task, context) => {
    if (!task.resource.endsWith(':lambda:invoke')) return echo(task, context);
    context.started();
    return { type: 'taskSucceeded', output: '{"Payload":{"code":1}}' };
  },
};

test('what an execution runs on stays, however often the app is edited; with it goes what nothing else needs', async () => {
  await using runtime = await startEngine(standing);
  start(runtime, 1);
  const { executionArn } = await startOn(runtime);
  for (const revision of [2, 3, 4, 5]) start(runtime, revision);
  expect(kept(runtime)).toEqual(both('1', '3', '4', '5'));

  await runtime.engine.executions.stop({ executionArn });
  start(runtime, 6);
  // It can be redriven.
  expect(kept(runtime)).toEqual(both('1', '4', '5', '6'));
  await runtime.clock.advance(14 * day + 1);
  start(runtime, 7);
  expect(kept(runtime)).toEqual(both('5', '6', '7'));
});

test('a version whose function was never published, because a start was cut short, is listed no more after the next start', async () => {
  await using runtime = await startEngine();
  const { engine, stateDir } = runtime;
  start(runtime, 1);
  const published = openPublishedVersions(stateDir);
  let saves = 0;
  const { save } = published;
  published.save = () => {
    saves += 1;
    if (saves === 2) throw new Error('crash');
    save();
  };
  const assembly = loadAssembly(smallApp({ revision: 2 }));
  assembly.know('Queue', 'Ref', 'http://127.0.0.1:1/000000000000/Shop-Queue');
  expect(() => takeUp(assembly, engine, published)).toThrow('crash');
  expect(kept(runtime).versions).toEqual(['1', '2']);

  start(runtime, 1);
  expect(kept(runtime)).toEqual({ code: ['1'], versions: ['1', '3'] });
});

test('what an alias routes to stays', async () => {
  await using runtime = await startEngine();
  start(runtime, 1);
  const routing = [{ stateMachineVersionArn: `${machineArn}:1`, weight: 100 }];
  const { arn } = runtime.engine.aliases.create({ name: 'stable', routing });
  for (const revision of [2, 3, 4, 5]) start(runtime, revision);
  expect(kept(runtime)).toEqual(both('1', '3', '4', '5'));
  runtime.engine.aliases.delete(arn);
  start(runtime, 6);
  expect(kept(runtime)).toEqual(both('4', '5', '6'));
});

test('what a definition in use starts by the number of its version stays', async () => {
  await using runtime = await startEngine();
  const { stateMachines } = runtime.engine;
  start(runtime, 1);
  const states = 'arn:aws:states:::states:startExecution';
  const parent = chain({ Type: 'Task', Resource: states, Parameters: { StateMachineArn: `${machineArn}:1` } });
  const { stateMachine } = stateMachines.create({ name: 'parent', definition: parent, roleArn: role });
  for (const revision of [2, 3, 4, 5]) start(runtime, revision);
  expect(kept(runtime)).toEqual(both('1', '3', '4', '5'));
  stateMachines.delete(stateMachine.arn);
  start(runtime, 6);
  expect(kept(runtime)).toEqual(both('4', '5', '6'));
});

test.each([
  [
    'a schedule',
    'scheduler-schedules',
    { Target: { Arn: 'arn:aws:lambda:us-east-1:000000000000:function:Shop-Work:1' } },
  ],
  [
    'an invocation that was accepted',
    'lambda-asynchronous',
    { functionName: 'Shop-Work', qualifier: '1', payload: '{}' },
  ],
])('what %s calls stays', async (_title, source, value) => {
  await using runtime = await startEngine();
  start(runtime, 1);
  await store.set(source, 'x', JSON.stringify(value));
  for (const revision of [2, 3, 4, 5]) start(runtime, revision);
  expect(kept(runtime).code).toEqual(['1', '3', '4', '5']);
  await store.delete(source, 'x');
  start(runtime, 6);
  expect(kept(runtime)).toEqual(both('4', '5', '6'));
});
