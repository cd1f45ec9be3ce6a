import { describe, expect, it } from 'vitest';
import { drive } from '../../../support/interpreter-driver.ts';

const fail = (fields: object, QueryLanguage = 'JSONPath') => ({
  QueryLanguage,
  StartAt: 'Stop',
  States: { Stop: { Type: 'Fail', ...fields } },
});

describe('a Fail state', () => {
  it.each<[object, string?]>([
    [{ Error: 'Lost', Cause: 'in the post' }],
    [{ ErrorPath: '$.e', CausePath: "States.Format('in the {}', $.where)" }],
    [{ Error: '{% $states.input.e %}', Cause: "{% 'in the ' & $states.input.where %}" }, 'JSONata'],
  ])('ends the execution with %j', async (fields, language) => {
    const driver = await drive({ definition: fail(fields, language), input: { e: 'Lost', where: 'post' } });
    expect(driver.execution).toMatchObject({ status: 'FAILED', error: 'Lost', cause: 'in the post' });
    expect(driver.lines.slice(1)).toEqual(['2<0 FailStateEntered', '3<2 ExecutionFailed']);
  });

  it('may say nothing at all', async () => {
    const driver = await drive({ definition: fail({}) });
    expect(driver.details('ExecutionFailed')).toEqual([{}]);
  });
});
