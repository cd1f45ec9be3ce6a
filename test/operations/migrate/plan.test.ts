import { describe, expect, it } from 'vitest';
import { catalogOf } from '../../../operations/migrate/catalog.ts';
import { plannerOf } from '../../../operations/migrate/plan.ts';
import type { Standing } from '../../../operations/migrate/standing.ts';
import type { Machine, MachineKind, MachineVersion } from '../../../operations/versions/read-versions.ts';
import { resumeDefinition } from '../../../statemachines/resume/resume-definition.ts';

const arn = 'arn:aws:states:us-east-1:000000000000:stateMachine:p';
const task = (Next?: string) => ({ Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', ...next(Next) });
const wait = (Next?: string, Assign = {}) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
  Arguments: { MessageBody: { waitId: '{% $states.input.id %}' } },
  Assign,
  ...next(Next),
});
const next = (Next: string | undefined) => (Next ? { Next } : { End: true });
const definition = (StartAt: string, States: object) => JSON.stringify({ QueryLanguage: 'JSONata', StartAt, States });
const first = definition('Charge', {
  Charge: { ...task('Pick'), Assign: { undo: ['Refund'] } },
  Pick: wait('Ship'),
  Ship: task(),
});
const second = definition('Charge', {
  Charge: { ...task('Pick'), Assign: { undo: ['Refund'] } },
  Pick: wait('Send'),
  Send: task(),
});

function machine(kind: MachineKind, definitions: string[], routes: [number, number][]): Machine {
  const own = kind === 'main' ? arn : `${arn}-resume`;
  const versions = definitions.map(
    (text, index): MachineVersion => ({
      arn: `${own}:${index + 1}`,
      machine: kind,
      number: index + 1,
      publishedAt: new Date(0),
      definition: text,
    }),
  );
  const alias = {
    arn: `${own}:live`,
    name: 'live',
    updatedAt: new Date(0),
    routes: new Map(routes.map(([number, percent]): [string, number] => [`${own}:${number}`, percent])),
  };
  return { arn: own, versions, aliases: [alias] };
}
const machines = (routes: [number, number][] = [[2, 100]], resumable = [first, second]) => ({
  main: machine('main', [first, second], routes),
  resume: machine('resume', resumable.map(resumeDefinition), [[1, 100]]),
});

const startTime = '2030-01-01T00:00:00.000Z';
const execution = arn.replace('stateMachine', 'execution');
const origin = { executionArn: `${execution}:ord_1`, versionArn: `${arn}:1`, startTime };
const standing = (state: string, more: Partial<Standing> = {}): Standing => ({
  status: 'ABORTED',
  error: 'Migrated',
  started: { input: '{"id":"ord_1"}', roleArn: 'role' },
  entered: { state, type: 'Task', input: '{"id":"ord_1"}', variables: { undo: '["Refund"]', more: '1' } },
  ...more,
});
const resumed = (state: string, resumeAt: string, variables: object = { undo: ['Refund'] }) => ({
  resumeAt,
  input: { id: 'ord_1' },
  variables,
  execution: { Id: `${execution}:ord_1`, Input: { id: 'ord_1' }, Name: 'ord_1', RoleArn: 'role', StartTime: startTime },
  resumedFrom: { executionArn: `${execution}:ord_1`, state },
});

const nothingIsLost = () => {
  throw new Error('every version is there');
};

describe('a plan for one execution', () => {
  const catalog = catalogOf(machines());
  const planner = plannerOf(catalog, [], nothingIsLost);
  const [one, two] = [catalog.named('1'), catalog.named('2')];

  it('names the version of the resume machine that belongs to the target, with what the state needs', async () => {
    const { versionArn, input, text } = await planner.resume(origin, standing('Pick'), two);
    expect(versionArn).toBe(`${arn}-resume:2`);
    expect(input).toEqual(resumed('Pick', 'Pick'));
    expect(JSON.parse(text)).toEqual(input);
  });

  it('hands on what the first execution was, however often it was resumed', async () => {
    const started = { input: JSON.stringify(resumed('Charge', 'Pick')) };
    const again = { executionArn: `${execution}-resume:ord_1-2`, versionArn: `${arn}-resume:1`, startTime: 'later' };
    const { input } = await planner.resume(again, standing('Pick', { started }), two);
    expect(input).toEqual({
      ...resumed('Pick', 'Pick'),
      resumedFrom: { executionArn: `${execution}-resume:ord_1-2`, state: 'Pick' },
    });
  });

  it('takes one that was stopped before it had entered its state to that state', async () => {
    const started = { input: JSON.stringify(resumed('Charge', 'Pick')) };
    const again = { executionArn: `${execution}-resume:ord_1-2`, versionArn: `${arn}-resume:1`, startTime: 'later' };
    const stopped = standing('Resume', { started });
    const { input } = await planner.resume(again, stopped, two);
    expect(input).toMatchObject({ resumeAt: 'Pick', input: { id: 'ord_1' }, variables: { undo: ['Refund'] } });
  });

  it('falls back on its own version where the other has no place, and says why', async () => {
    await expect(planner.resume(origin, standing('Ship'), two)).rejects.toThrow('Ship has no target');
    const { versionArn, input, kept } = await planner.resumeAnyway(origin, standing('Ship'), two);
    expect({ versionArn, input }).toEqual({ versionArn: `${arn}-resume:1`, input: resumed('Ship', 'Ship') });
    expect(kept).toContain('Ship has no target');
    await expect(planner.resumeAnyway(origin, standing('Nowhere'), one)).rejects.toThrow('Nowhere has no target');
  });

  it('refuses what Step Functions would not take', async () => {
    const { entered } = standing('Pick');
    const large = { ...entered!, input: JSON.stringify('x'.repeat(262_144)) };
    await expect(planner.resume(origin, standing('Pick', { entered: large }), two)).rejects.toThrow(
      /26\d{4} bytes are needed to go on, 262144 may be/,
    );
  });

  it('refuses two definitions of which one has a wait that the other has not', () => {
    const without = definition('Charge', { Charge: task('Ship'), Ship: task() });
    const other = catalogOf({ ...machines(), main: machine('main', [first, without], [[2, 100]]) });
    expect(() => plannerOf(other, [], nothingIsLost).check(other.named('1'), other.named('2'))).toThrow(
      /^Version 1 cannot be moved to version 2:\n {2}Pick: found no state Pick in the new definition/,
    );
  });
});

describe('versions', () => {
  it('are named by a number or an alias, unless that is split', () => {
    expect(catalogOf(machines()).named('live').number).toBe(2);
    expect(
      catalogOf(
        machines([
          [2, 100],
          [1, 0],
        ]),
      ).named('live').number,
    ).toBe(2);
    expect(() =>
      catalogOf(
        machines([
          [2, 10],
          [1, 90],
        ]),
      ).named('live'),
    ).toThrow('live is split between versions 2 and 1: name the one that you mean.');
  });

  it('have the newest of the versions of the resume machine that have their definition', () => {
    const catalog = catalogOf(machines([[2, 100]], [first, second, first]));
    expect(catalog.resumedBy(catalog.named('1'))!.number).toBe(3);
    expect([...catalog.runningAs(catalog.named('1'))]).toEqual([`${arn}:1`, `${arn}-resume:1`, `${arn}-resume:3`]);
    expect(catalog.processOf(`${arn}-resume:3`)!.number).toBe(1);
    const none = catalogOf(machines([[2, 100]], [second]));
    expect(none.resumedBy(none.named('1'))).toBeUndefined();
  });
});
