import {
  CreateStateMachineAliasCommand,
  CreateStateMachineCommand,
  DeleteStateMachineAliasCommand,
  DeleteStateMachineCommand,
  DeleteStateMachineVersionCommand,
  DescribeStateMachineAliasCommand,
  DescribeStateMachineCommand,
  ListStateMachineAliasesCommand,
  ListStateMachinesCommand,
  ListStateMachineVersionsCommand,
  PublishStateMachineVersionCommand,
  UpdateStateMachineAliasCommand,
  UpdateStateMachineCommand,
  ValidateStateMachineDefinitionCommand,
} from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { chain, pass, role, startEngine, type TestEngine } from '../../../support/engine.ts';

const result = (value: string) => chain({ Type: 'Pass', Result: value });

async function created({ sfn }: TestEngine, name = 'machine', definition = chain(pass)) {
  const { stateMachineArn } = await sfn.send(new CreateStateMachineCommand({ name, definition, roleArn: role }));
  return stateMachineArn!;
}

test('creating the same again answers the same; another definition under the same name is refused', async () => {
  await using runtime = await startEngine();
  const stateMachineArn = await created(runtime);
  expect(await created(runtime)).toBe(stateMachineArn);
  await expect(created(runtime, 'machine', result('other'))).rejects.toMatchObject({
    name: 'StateMachineAlreadyExists',
    message: `State Machine Already Exists: '${stateMachineArn}'`,
  });
});

test('a description shows what was created', async () => {
  await using runtime = await startEngine();
  const stateMachineArn = await created(runtime);
  expect(await runtime.sfn.send(new DescribeStateMachineCommand({ stateMachineArn }))).toMatchObject({
    stateMachineArn,
    name: 'machine',
    type: 'STANDARD',
    status: 'ACTIVE',
    definition: chain(pass),
    roleArn: role,
    loggingConfiguration: { level: 'OFF', includeExecutionData: false },
  });
});

test('a change makes a revision, a repeated change does not', async () => {
  await using runtime = await startEngine();
  const stateMachineArn = await created(runtime);
  const update = () => runtime.sfn.send(new UpdateStateMachineCommand({ stateMachineArn, definition: result('new') }));
  const first = await update();
  expect(first.revisionId).toMatch(/^[0-9a-f-]{36}$/);
  expect((await update()).revisionId).toBe(first.revisionId);
  await expect(runtime.sfn.send(new UpdateStateMachineCommand({ stateMachineArn }))).rejects.toMatchObject({
    name: 'MissingRequiredParameter',
  });
});

test('versions are numbered on, published once per revision, and never renumbered', async () => {
  await using runtime = await startEngine();
  const stateMachineArn = await created(runtime);
  const publish = () => runtime.sfn.send(new PublishStateMachineVersionCommand({ stateMachineArn }));
  expect((await publish()).stateMachineVersionArn).toBe(`${stateMachineArn}:1`);
  expect((await publish()).stateMachineVersionArn).toBe(`${stateMachineArn}:1`);
  await runtime.sfn.send(new UpdateStateMachineCommand({ stateMachineArn, definition: result('new') }));
  expect((await publish()).stateMachineVersionArn).toBe(`${stateMachineArn}:2`);
  await runtime.sfn.send(new DeleteStateMachineVersionCommand({ stateMachineVersionArn: `${stateMachineArn}:2` }));
  expect((await publish()).stateMachineVersionArn).toBe(`${stateMachineArn}:3`);
  const { stateMachineVersions } = await runtime.sfn.send(new ListStateMachineVersionsCommand({ stateMachineArn }));
  expect(stateMachineVersions!.map((version) => version.stateMachineVersionArn)).toEqual([
    `${stateMachineArn}:3`,
    `${stateMachineArn}:1`,
  ]);
});

test('an alias sends executions to its versions by weight', async () => {
  let drawn = 0;
  await using runtime = await startEngine({ random: () => drawn });
  const stateMachineArn = await created(runtime, 'machine', result('one'));
  await runtime.sfn.send(new PublishStateMachineVersionCommand({ stateMachineArn }));
  await runtime.sfn.send(new UpdateStateMachineCommand({ stateMachineArn, definition: result('two'), publish: true }));
  const { stateMachineAliasArn } = await runtime.sfn.send(
    new CreateStateMachineAliasCommand({
      name: 'live',
      routingConfiguration: [
        { stateMachineVersionArn: `${stateMachineArn}:1`, weight: 90 },
        { stateMachineVersionArn: `${stateMachineArn}:2`, weight: 10 },
      ],
    }),
  );
  const outputs: (string | null)[] = [];
  for (drawn of [0, 0.899, 0.9, 0.999]) {
    const { executionArn } = await runtime.engine.executions.start({ stateMachineArn: stateMachineAliasArn! });
    const row = await runtime.engine.executions.ended(executionArn);
    expect(row.aliasArn).toBe(stateMachineAliasArn);
    outputs.push(row.output);
  }
  expect(outputs).toEqual(['"one"', '"one"', '"two"', '"two"']);
});

test('an alias is changed, described, listed and deleted; a version in use cannot be deleted', async () => {
  await using runtime = await startEngine();
  const stateMachineArn = await created(runtime);
  const { stateMachineVersionArn } = await runtime.sfn.send(new PublishStateMachineVersionCommand({ stateMachineArn }));
  const routingConfiguration = [{ stateMachineVersionArn, weight: 100 }];
  const { stateMachineAliasArn } = await runtime.sfn.send(
    new CreateStateMachineAliasCommand({ name: 'live', routingConfiguration }),
  );
  await runtime.sfn.send(new UpdateStateMachineAliasCommand({ stateMachineAliasArn, description: 'what runs' }));
  expect(await runtime.sfn.send(new DescribeStateMachineAliasCommand({ stateMachineAliasArn }))).toMatchObject({
    stateMachineAliasArn: `${stateMachineArn}:live`,
    name: 'live',
    description: 'what runs',
    routingConfiguration,
  });
  await expect(
    runtime.sfn.send(new DeleteStateMachineVersionCommand({ stateMachineVersionArn })),
  ).rejects.toMatchObject({ name: 'ConflictException', message: expect.stringContaining('[live]') });
  await runtime.sfn.send(new DeleteStateMachineAliasCommand({ stateMachineAliasArn }));
  const { stateMachineAliases } = await runtime.sfn.send(new ListStateMachineAliasesCommand({ stateMachineArn }));
  expect(stateMachineAliases).toEqual([]);
  await expect(
    runtime.sfn.send(new UpdateStateMachineAliasCommand({ stateMachineAliasArn, description: 'gone' })),
  ).rejects.toMatchObject({ name: 'ResourceNotFound' });
});

test.each([
  ['that do not add up', [{ version: 1, weight: 50 }], 'Sum of routing configuration weights must equal 100'],
  ['to no version', [{ version: '', weight: 100 }], 'Routing configuration must contain state machine version ARNs'],
])('routes %s are refused', async (_, routes, message) => {
  await using runtime = await startEngine();
  const stateMachineArn = await created(runtime);
  await runtime.sfn.send(new PublishStateMachineVersionCommand({ stateMachineArn }));
  const routingConfiguration = routes.map(({ version, weight }) => ({
    stateMachineVersionArn: [stateMachineArn, version].filter(Boolean).join(':'),
    weight,
  }));
  await expect(
    runtime.sfn.send(new CreateStateMachineAliasCommand({ name: 'live', routingConfiguration })),
  ).rejects.toMatchObject({ name: 'ValidationException', message: expect.stringContaining(message) });
});

test('state machines survive a restart; a deleted one is gone with its versions', async () => {
  await using before = await startEngine();
  const kept = await created(before, 'kept');
  const stateMachineArn = await created(before, 'deleted');
  await before.sfn.send(new PublishStateMachineVersionCommand({ stateMachineArn }));
  await before.sfn.send(new DeleteStateMachineCommand({ stateMachineArn }));
  await using after = await before.restart();
  const { stateMachines } = await after.sfn.send(new ListStateMachinesCommand());
  expect(stateMachines!.map((machine) => machine.stateMachineArn)).toEqual([kept]);
  await expect(
    after.sfn.send(new DescribeStateMachineCommand({ stateMachineArn: `${stateMachineArn}:1` })),
  ).rejects.toMatchObject({ name: 'StateMachineDoesNotExist' });
});

test('a definition that the interpreter refuses, or with a Resource that nothing here serves, is not created', async () => {
  await using runtime = await startEngine();
  await expect(created(runtime, 'machine', '{"States": {}}')).rejects.toMatchObject({ name: 'InvalidDefinition' });
  const unsupported = { Type: 'Task', Resource: 'arn:aws:states:::unsupported:thing' };
  const branch = { StartAt: 'Inner', States: { Inner: { ...unsupported, End: true } } };
  const nested = { Type: 'Parallel', Branches: [branch] };
  await expect(created(runtime, 'machine', chain(nested))).rejects.toMatchObject({
    name: 'InvalidDefinition',
    message: expect.stringMatching(
      /arn:aws:states:::unsupported:thing .* at \/States\/S1\/Branches\[0\]\/States\/Inner\/Resource'$/,
    ),
  });
});

test('a definition is validated without being created', async () => {
  await using runtime = await startEngine();
  const validate = (definition: string) => runtime.sfn.send(new ValidateStateMachineDefinitionCommand({ definition }));
  expect(await validate(chain(pass))).toMatchObject({ result: 'OK', diagnostics: [] });
  expect(await validate('{"States": {"A": {"Type": "Pass", "End": true}}}')).toMatchObject({
    result: 'FAIL',
    diagnostics: [
      {
        severity: 'ERROR',
        code: 'SCHEMA_VALIDATION_FAILED',
        message: 'These fields are required: [StartAt]',
        location: '/',
      },
    ],
  });
});
