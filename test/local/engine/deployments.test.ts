import { expect, test } from 'vitest';
import type { Alarm, ExecutionMetric } from '../../../local/engine/alarm.ts';
import type { Preference } from '../../../local/engine/deployment.ts';
import { chain, create, pass, startEngine, type TestEngine } from '../../support/engine.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const minute = 60_000;
const canary: Preference = { type: 'CANARY', percentage: 10, intervalMinutes: 5, alarms: [], notEvaluated: [] };
const linear: Preference = { ...canary, type: 'LINEAR', percentage: 40 };

/** A state machine with two versions, the first of which has all of the alias `live`. */
function twoVersions(runtime: TestEngine, definitions = [chain(pass), chain(pass, pass)]) {
  const { stateMachines } = runtime.engine;
  const stateMachineArn = create(runtime, definitions[0]!);
  const first = stateMachines.publish({ stateMachineArn }).arn;
  const arn = `${stateMachineArn}:live`;
  const deploy = ({ engine }: TestEngine, versionArn: string, preference?: Preference) => {
    const routing = [{ stateMachineVersionArn: versionArn, weight: 100 }];
    engine.deployments.deploy({ arn, name: 'live', routing, preference });
  };
  deploy(runtime, first, canary);
  const publish = ({ engine }: TestEngine, definition: string) => {
    engine.stateMachines.update({ stateMachineArn, definition });
    return engine.stateMachines.publish({ stateMachineArn }).arn;
  };
  const second = publish(runtime, definitions[1]!);
  return { stateMachineArn, arn, first, second, deploy, publish };
}

/** `2:10 1:90` */
function weights({ engine }: TestEngine, arn: string): string {
  const { routing } = engine.aliases.get(arn);
  return routing
    .map(({ stateMachineVersionArn, weight }) => `${stateMachineVersionArn.split(':').at(-1)}:${weight}`)
    .join(' ');
}

test('the first version of an alias has everything at once', async () => {
  await using runtime = await startEngine();
  const { arn } = twoVersions(runtime);
  expect(weights(runtime, arn)).toBe('1:100');
  expect(runtime.told).toEqual([]);
});

test('a canary goes on by itself when the time has come, and says so', async () => {
  await using runtime = await startEngine();
  const { arn, second, deploy } = twoVersions(runtime);
  deploy(runtime, second, canary);
  expect(weights(runtime, arn)).toBe('2:10 1:90');
  await runtime.clock.advance(5 * minute - 1000);
  expect(weights(runtime, arn)).toBe('2:10 1:90');
  await runtime.clock.advance(1000);
  expect(weights(runtime, arn)).toBe('2:100');
  expect(runtime.told).toEqual([
    'Alias live of machine: version 2 takes 10 % of the new executions and version 1 the others; the rest in 5 min.',
    'Alias live of machine: version 2 takes all new executions.',
  ]);
});

test('a linear deployment goes on after a restart, with the steps that were slept through', async () => {
  const wall = { now: Date.UTC(2030, 0, 1) };
  await using before = await startEngine({ wallNow: () => wall.now });
  const { arn, second, deploy } = twoVersions(before);
  deploy(before, second, linear);
  await before.clock.advance(2 * minute);
  const again = await before.restart();
  deploy(again, second, linear);
  expect(weights(again, arn)).toBe('2:40 1:60');
  expect(again.told).toEqual([
    'Alias live of machine: version 2 takes 40 % of the new executions and version 1 the others; more in 3 min.',
  ]);
  await again.clock.advance(3 * minute);
  expect(weights(again, arn)).toBe('2:80 1:20');
  await again.stop();
  wall.now += 5 * minute;
  const later = await startEngine({ stateDir: before.stateDir, wallNow: () => wall.now });
  try {
    deploy(later, second, linear);
    expect(weights(later, arn)).toBe('2:100');
  } finally {
    await later.stop();
  }
});

test('a later deployment replaces the one that is going on', async () => {
  await using runtime = await startEngine();
  const { arn, second, deploy, publish } = twoVersions(runtime);
  deploy(runtime, second, canary);
  await runtime.clock.advance(2 * minute);
  const third = publish(runtime, chain(pass, pass, pass));
  deploy(runtime, third, linear);
  expect(weights(runtime, arn)).toBe('3:40 1:60');
  await runtime.clock.advance(3 * minute);
  expect(weights(runtime, arn)).toBe('3:40 1:60');
  await runtime.clock.advance(7 * minute);
  expect(weights(runtime, arn)).toBe('3:100');
});

test('back to the version before is one step, and so is a deployment all at once', async () => {
  await using runtime = await startEngine();
  const { arn, first, second, deploy } = twoVersions(runtime);
  deploy(runtime, second, canary);
  deploy(runtime, first, canary);
  expect(weights(runtime, arn)).toBe('1:100');
  deploy(runtime, second, { ...canary, type: 'ALL_AT_ONCE' });
  expect(weights(runtime, arn)).toBe('2:100');
  await runtime.clock.advance(60 * minute);
  expect(weights(runtime, arn)).toBe('2:100');
});

test('who sets the routing by hand ends the deployment, also for the next start', async () => {
  await using runtime = await startEngine();
  const { arn, first, second, deploy } = twoVersions(runtime);
  deploy(runtime, second, canary);
  runtime.engine.aliases.update({ arn, routing: [{ stateMachineVersionArn: first, weight: 100 }] });
  await runtime.clock.advance(60 * minute);
  expect(weights(runtime, arn)).toBe('1:100');
  const again = await runtime.restart();
  try {
    deploy(again, second, canary);
    expect(weights(again, arn)).toBe('1:100');
  } finally {
    await again.stop();
  }
});

const bad = chain({ Type: 'Fail', Error: 'Broken' });
const alarmOf = (second: string, metric: ExecutionMetric, threshold: number): Alarm => ({
  name: 'NewVersionFails',
  metrics: { m1: { of: 'executions', metric, stateMachineArn: second.replace(/:\d+$/, ''), versionArn: second } },
  expression: 'm1',
  periodSeconds: 60,
  evaluationPeriods: 1,
  datapointsToAlarm: 1,
  threshold,
  comparison: '>',
});

test('an alarm takes the deployment back, and it stays taken back', async () => {
  await using runtime = await startEngine();
  const { arn, stateMachineArn, first, second, deploy } = twoVersions(runtime, [chain(pass), bad]);
  const { executions } = runtime.engine;
  const preference = { ...canary, alarms: [alarmOf(second, 'ExecutionsFailed', 1)], notEvaluated: ['Other'] };
  const fail = async (versionArn: string) => {
    const { executionArn } = await executions.start({ stateMachineArn: versionArn });
    await executions.ended(executionArn);
  };
  await fail(second);
  await fail(second);
  deploy(runtime, second, preference);
  // Before the deployment, of another version, without a version: none of them counts.
  await fail(first);
  await fail(stateMachineArn);
  await fail(stateMachineArn);
  await fail(second);
  expect(weights(runtime, arn)).toBe('2:10 1:90');
  await runtime.clock.advance(minute);
  await fail(second);
  expect(weights(runtime, arn)).toBe('2:10 1:90');
  await fail(second);
  expect(weights(runtime, arn)).toBe('1:100');
  expect(runtime.told.slice(1)).toEqual([
    'Alias live of machine: alarms that are not evaluated locally: Other.',
    'Alias live of machine is back on version 1 and leads to version 2 no more: the alarm NewVersionFails went off (ExecutionsFailed > 1 in 60 s).',
  ]);
  await runtime.clock.advance(60 * minute);
  const again = await runtime.restart();
  try {
    deploy(again, second, preference);
    expect(weights(again, arn)).toBe('1:100');
    expect(again.told).toEqual(['Alias live of machine stays on version 1: an alarm took version 2 back.']);
  } finally {
    await again.stop();
  }
});

test('an alarm that nobody heard because the process died is heard at the next start', async () => {
  await using runtime = await startEngine();
  const { arn, second, deploy } = twoVersions(runtime, [chain(pass), chain({ Type: 'Wait', Seconds: 60 })]);
  const { executions } = runtime.engine;
  deploy(runtime, second, { ...canary, alarms: [alarmOf(second, 'ExecutionsAborted', 0)] });
  const { executionArn } = await executions.start({ stateMachineArn: second });
  // As after a crash between the end of the execution and what follows from it.
  runtime.engine.deployments.close();
  await executions.stop({ executionArn });
  expect(weights(runtime, arn)).toBe('2:10 1:90');
  const again = await runtime.restart();
  try {
    expect(weights(again, arn)).toBe('1:100');
  } finally {
    await again.stop();
  }
});

test('of a thousand starts a canary of 10 % gets about a hundred, and the same name is the same execution whatever the dice say', async () => {
  const definition = chain({ Type: 'Wait', Seconds: 60 });
  const changed = definition.replace('60', '61');
  await using runtime = await startEngine({ random: seededRandom(7) });
  const { arn, first, second, deploy } = twoVersions(runtime, [definition, changed]);
  deploy(runtime, second, canary);
  const { executions } = runtime.engine;
  const names = Array.from({ length: 1000 }, (_, index) => `x${index}`);
  const start = (name: string) => executions.start({ stateMachineArn: arn, name, input: '{"n":1}' });
  await Promise.all(names.map(start));
  const count = (versionArn: string) =>
    executions.list({ stateMachineArn: arn.replace(/:live$/, ''), versionArn, aliasArn: arn, since: 0, limit: 2000 })
      .length;
  const taken = count(second);
  // 107 with this seed.
  expect(taken).toBeGreaterThan(70);
  expect(taken).toBeLessThan(130);
  expect(count(first)).toBe(1000 - taken);
  await Promise.all(names.map(start));
  expect(count(second)).toBe(taken);
  expect(count(first)).toBe(1000 - taken);
});
