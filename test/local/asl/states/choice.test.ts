import { describe, expect, it } from 'vitest';
import { drive } from '../../../support/interpreter-driver.ts';

const ends = { Yes: { Type: 'Succeed' }, No: { Type: 'Succeed' } };
const choice = (QueryLanguage: string, fields: object) => ({
  QueryLanguage,
  StartAt: 'Choose',
  States: { Choose: { Type: 'Choice', ...fields }, ...ends },
});
const chosen = (names: Record<string, unknown>[]) => names[0]?.name;

describe('a Choice state', () => {
  it('takes the first rule whose condition holds, with its Assign and Output', async () => {
    const Choices = [
      { Condition: '{% $states.input.n > 5 %}', Next: 'No' },
      { Condition: '{% $states.input.n > 1 %}', Assign: { seen: true }, Output: 'small', Next: 'Yes' },
    ];
    const driver = await drive({ definition: choice('JSONata', { Choices, Default: 'No' }), input: { n: 3 } });
    expect(chosen(driver.details('SucceedStateEntered'))).toBe('Yes');
    expect(driver.output).toBe('small');
    expect(driver.details('ChoiceStateExited')[0]).toMatchObject({ assignedVariables: { seen: 'true' } });
  });

  it("goes to Default with the state's own Assign when no rule holds", async () => {
    const Choices = [{ Variable: '$.n', NumericEquals: 1, Next: 'Yes' }];
    const definition = choice('JSONPath', { Choices, Default: 'No', Assign: { 'n.$': '$.n' } });
    const driver = await drive({ definition, inputText: '{"n": 2}' });
    expect(chosen(driver.details('SucceedStateEntered'))).toBe('No');
    expect(driver.details('ChoiceStateExited')[0]).toMatchObject({
      assignedVariables: { n: '2' },
      output: '{"n": 2}',
    });
  });

  it('fails with States.NoChoiceMatched when nothing is left', async () => {
    const Choices = [
      { Condition: '{% false %}', Next: 'No' },
      { Condition: '{% 1 = 2 %}', Next: 'Yes' },
    ];
    const driver = await drive({ definition: choice('JSONata', { Choices }) });
    expect(driver.execution).toMatchObject({ status: 'FAILED', error: 'States.NoChoiceMatched' });
  });

  it('fails when a condition is neither true nor false', async () => {
    const Choices = [{ Condition: '{% 1 %}', Next: 'Yes' }];
    const driver = await drive({ definition: choice('JSONata', { Choices, Default: 'No' }) });
    expect(driver.execution.error).toBe('States.QueryEvaluationError');
    expect(driver.execution.cause).toContain("Expected 'boolean', but was 'number'");
  });
});
