import { describe, expect, it } from 'vitest';
import { drive, InterpreterDriver } from '../../../support/interpreter-driver.ts';

const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:charge';
const task = (fields: object) => ({
  QueryLanguage: 'JSONata',
  StartAt: 'Charge',
  States: { Charge: { Type: 'Task', End: true, ...fields } },
});
const lambdaInvoke = { Resource: 'arn:aws:states:::lambda:invoke', Arguments: { FunctionName: 'charge' } };
const callback = { Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken' };

describe('a Task state', () => {
  it('logs the events of a service integration', async () => {
    const { lines } = await drive({ definition: task(lambdaInvoke), tasks: () => [{ started: true }, { result: 1 }] });
    expect(lines).toEqual([
      '1<0 ExecutionStarted',
      '2<0 TaskStateEntered',
      '3<2 TaskScheduled',
      '4<3 TaskStarted',
      '5<4 TaskSucceeded',
      '6<5 TaskStateExited',
      '7<6 ExecutionSucceeded',
    ]);
  });

  it('names service and action of a service integration apart', async () => {
    const driver = await drive({ definition: task({ Resource: 'arn:aws:states:::aws-sdk:dynamodb:getItem' }) });
    expect(driver.details('TaskScheduled')).toEqual([
      { parameters: '{}', region: 'us-east-1', resource: 'getItem', resourceType: 'aws-sdk:dynamodb' },
    ]);
  });

  it('logs the events of a function named by its ARN, which gets the input as it was written', async () => {
    const driver = await drive({
      definition: task({ Resource: functionArn }),
      inputText: '{"a": [1, 2]}',
      tasks: () => [{ started: true }, { result: 'done' }],
    });
    expect(driver.types.slice(2, 5)).toEqual([
      'LambdaFunctionScheduled',
      'LambdaFunctionStarted',
      'LambdaFunctionSucceeded',
    ]);
    expect(driver.details('LambdaFunctionScheduled')).toEqual([
      { input: '{"a": [1, 2]}', inputDetails: { truncated: false }, resource: functionArn },
    ]);
    expect(driver.output).toBe('done');
  });

  it('shows the role of another account, as the input or an expression names it', async () => {
    const role = 'arn:aws:iam::000000000002:role/other';
    const paths = await drive({
      definition: {
        ...task({ ...lambdaInvoke, Arguments: undefined, Credentials: { 'RoleArn.$': '$.role' } }),
        QueryLanguage: 'JSONPath',
      },
      input: { role },
    });
    expect(paths.details('TaskScheduled')).toMatchObject([{ taskCredentials: { roleArn: role } }]);
    const expressions = await drive({
      definition: task({
        Resource: functionArn,
        Credentials: { RoleArn: '{% $states.input.role %}' },
      }),
      input: { role },
    });
    expect(expressions.details('LambdaFunctionScheduled')).toMatchObject([{ taskCredentials: { roleArn: role } }]);
  });

  it('logs which worker took an activity', async () => {
    const driver = await drive({
      definition: task({ Resource: 'arn:aws:states:us-east-1:000000000000:activity:pick' }),
      tasks: () => [{ started: true, workerName: 'Ada' }, { result: 1 }],
    });
    expect(driver.details('ActivityStarted')).toEqual([{ workerName: 'Ada' }]);
  });

  it('fails for good when there is no such activity', async () => {
    const driver = await drive({
      definition: task({ Resource: 'arn:aws:states:us-east-1:000000000000:activity:none' }),
    });
    expect(driver.lines.slice(1)).toEqual(['2<0 TaskStateEntered', '3<2 ExecutionFailed']);
    expect(driver.execution).toMatchObject({
      error: 'States.Runtime',
      cause: expect.stringContaining(
        'The activity arn:aws:states:us-east-1:000000000000:activity:none does not exist.',
      ),
    });
  });

  it('waits for its token after the request was accepted, and shows the token to its arguments', async () => {
    const driver = await drive({
      definition: task({ ...callback, Arguments: { token: '{% $states.context.Task.Token %}' } }),
      tasks: () => [{ started: true }, { submitted: { MessageId: 'm' } }],
    });
    expect(driver.execution.status).toBe('RUNNING');
    const [open] = driver.outstanding.tasks;
    expect(open).toMatchObject({ phase: 'submitted', taskToken: 'token of #3', parameters: '{"token":"token of #3"}' });
    await driver.signal({ type: 'taskSucceeded', taskId: open?.taskId ?? '', output: '{"action":"picked"}' });
    expect(driver.types).toContain('TaskSubmitted');
    expect(driver.output).toEqual({ action: 'picked' });
  });

  it('takes no notice of an answer to an attempt that is over', async () => {
    const driver = await drive({ definition: task(lambdaInvoke), tasks: () => [] });
    const taskId = driver.outstanding.tasks[0]?.taskId ?? '';
    await driver.signal({ type: 'taskSucceeded', taskId, output: '1' });
    expect(await driver.signal({ type: 'taskSucceeded', taskId, output: '2' })).toEqual([]);
    expect(driver.output).toBe(1);
  });

  it('gives up when its time is over', async () => {
    const driver = await drive({ definition: task({ ...lambdaInvoke, TimeoutSeconds: 5 }), tasks: () => [] });
    expect(driver.details('TaskScheduled')[0]).toMatchObject({ timeoutInSeconds: 5 });
    expect(driver.details('TaskTimedOut')).toEqual([
      { error: 'States.Timeout', resource: 'invoke', resourceType: 'lambda' },
    ]);
    expect(driver.execution).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    expect(driver.execution.stoppedAt).toBe(driver.execution.startedAt + 5000);
  });

  it('takes its timeout from an expression', async () => {
    const fields = { ...lambdaInvoke, TimeoutSeconds: '{% $states.input.limit * 2 %}' };
    const driver = await drive({ definition: task(fields), input: { limit: 4 }, tasks: () => [] });
    expect(driver.execution.stoppedAt).toBe(driver.execution.startedAt + 8000);
  });

  it('lives on as long as heartbeats come, and can be caught as States.HeartbeatTimeout', async () => {
    const Catch = [{ ErrorEquals: ['States.HeartbeatTimeout'], Next: 'Missed' }];
    const definition = task({ ...callback, HeartbeatSeconds: 10, Catch });
    Object.assign(definition.States, { Missed: { Type: 'Succeed' } });
    const driver = new InterpreterDriver({
      definition,
      tasks: () => [{ started: true }, { submitted: {} }, { afterMs: 9000, heartbeat: true }],
    });
    await driver.runFor(18_999);
    expect(driver.execution.status).toBe('RUNNING');
    await driver.runFor(1);
    expect(driver.output).toEqual({ Error: 'States.Timeout', Cause: '' });
  });

  it('fails with States.DataLimitExceeded when the result is too long', async () => {
    const definition = task({ ...lambdaInvoke, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }] });
    Object.assign(definition.States, { Caught: { Type: 'Pass', End: true } });
    const driver = await drive({ definition, tasks: () => ({ result: 'a'.repeat(262_144) }) });
    expect(driver.types).toContain('TaskFailed');
    expect(driver.output).toMatchObject({ Error: 'States.DataLimitExceeded' });
  });

  it('fails before it starts when what it would be given is too long', async () => {
    const definition = task({ ...lambdaInvoke, Arguments: "{% $pad('x', 270000) %}" });
    const driver = await drive({ definition });
    expect(driver.types).not.toContain('TaskScheduled');
    expect(driver.execution.error).toBe('States.DataLimitExceeded');
  });

  it('refuses a timeout that is not a positive whole number of seconds', async () => {
    const driver = await drive({ definition: task({ ...lambdaInvoke, TimeoutSeconds: '{% 0.5 %}' }) });
    expect(driver.execution.error).toBe('States.QueryEvaluationError');
  });

  it('logs each way of failing under its own name', async () => {
    const types = async (resource: string, stage: 'schedule' | 'start' | 'submit' | 'run') => {
      const driver = await drive({ definition: task({ Resource: resource }), tasks: () => ({ error: 'E', stage }) });
      return driver.types.slice(3, -1);
    };
    expect(await types(functionArn, 'schedule')).toEqual(['LambdaFunctionScheduleFailed']);
    expect(await types(functionArn, 'run')).toEqual(['LambdaFunctionStarted', 'LambdaFunctionFailed']);
    expect(await types(callback.Resource, 'submit')).toEqual(['TaskStarted', 'TaskSubmitFailed']);
    expect(await types(callback.Resource, 'run')).toEqual(['TaskStarted', 'TaskFailed']);
  });
});
