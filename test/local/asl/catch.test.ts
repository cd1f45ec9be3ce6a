import { describe, expect, it } from 'vitest';
import { drive } from '../../support/interpreter-driver.ts';

const machine = (QueryLanguage: string, Catch: object[], fields: object = {}) => ({
  QueryLanguage,
  StartAt: 'Try',
  States: {
    Try: { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Catch, End: true, ...fields },
    Caught: { Type: 'Pass', End: true },
  },
});
const boom = () => ({ error: 'Boom', cause: 'it went off' });

describe('Catch', () => {
  it('goes on with the error in place of the input', async () => {
    const definition = machine('JSONPath', [{ ErrorEquals: ['Boom'], Next: 'Caught' }], { OutputPath: '$.no.such' });
    const driver = await drive({ definition, input: { orderId: 1 }, tasks: boom });
    expect(driver.output).toEqual({ Error: 'Boom', Cause: 'it went off' });
    expect(driver.types.slice(4, 6)).toEqual(['TaskFailed', 'TaskStateExited']);
  });

  it("puts the error at the Catcher's ResultPath in the raw input", async () => {
    const definition = machine('JSONPath', [{ ErrorEquals: ['Boom'], ResultPath: '$.why', Next: 'Caught' }]);
    const { output } = await drive({ definition, input: { orderId: 1 }, tasks: boom });
    expect(output).toEqual({ orderId: 1, why: { Error: 'Boom', Cause: 'it went off' } });
  });

  it("assigns variables and makes the output by the Catcher's own expressions", async () => {
    const catcher = {
      ErrorEquals: ['States.ALL'],
      Assign: { outcome: '{% $states.errorOutput.Error %}' },
      Output: { orderId: '{% $states.input.orderId %}' },
      Next: 'Caught',
    };
    const definition = machine('JSONata', [catcher], { Output: 'never', Assign: { other: 1 } });
    const driver = await drive({ definition, input: { orderId: 1 }, tasks: boom });
    expect(driver.output).toEqual({ orderId: 1 });
    expect(driver.details('TaskStateExited')[0]).toMatchObject({ assignedVariables: { outcome: '"Boom"' } });
  });

  it('has nulls where SendTaskFailure said nothing', async () => {
    const definition = machine('JSONata', [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }]);
    const { output } = await drive({ definition, tasks: () => ({ stage: 'run' }) });
    expect(output).toEqual({ Error: null, Cause: null });
  });

  it('is asked only when no Retrier has an attempt left', async () => {
    const definition = machine('JSONata', [{ ErrorEquals: ['Boom'], Next: 'Caught' }], {
      Retry: [{ ErrorEquals: ['Boom'], MaxAttempts: 2 }],
    });
    const driver = await drive({ definition, tasks: boom });
    expect(driver.types.filter((type) => type === 'TaskFailed')).toHaveLength(3);
    expect(driver.execution.status).toBe('SUCCEEDED');
  });

  it('does not help against an error of the path language', async () => {
    const definition = machine('JSONPath', [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }], { OutputPath: '$.none' });
    const driver = await drive({ definition, input: {} });
    expect(driver.execution).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(driver.execution.cause).toBe(
      "An error occurred while executing the state 'Try' (entered at the event id #2). Invalid path '$.none' : No results for path: $['none']",
    );
  });

  it('helps against an expression that fails, which is logged', async () => {
    const definition = machine('JSONata', [{ ErrorEquals: ['States.QueryEvaluationError'], Next: 'Caught' }], {
      Arguments: '{% $nothing %}',
    });
    const driver = await drive({ definition });
    expect(driver.lines.slice(1, 4)).toEqual(['2<0 TaskStateEntered', '3<0 EvaluationFailed', '4<3 TaskStateExited']);
    expect(driver.execution.status).toBe('SUCCEEDED');
  });

  it('that fails itself ends the execution', async () => {
    const definition = machine('JSONata', [{ ErrorEquals: ['Boom'], Output: '{% $nothing %}', Next: 'Caught' }]);
    const driver = await drive({ definition, tasks: boom });
    expect(driver.execution).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
  });
});
