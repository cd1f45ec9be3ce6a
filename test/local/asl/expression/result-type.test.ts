import { expect, it } from 'vitest';
import { requireType } from '../../../../local/asl/expression/result-type.ts';

it('lets the expected type pass', () => {
  expect(() => requireType([], 'array', '{% [] %}', 'Items')).not.toThrow();
  expect(() => requireType({}, 'object', '{% {} %}', 'Items')).not.toThrow();
});

it('says what was expected and what was found', () => {
  expect(() => requireType(null, 'boolean', '{% $v %}', 'Choices[0]/Condition')).toThrow(
    expect.objectContaining({
      error: 'States.QueryEvaluationError',
      location: 'Choices[0]/Condition',
      message:
        "The JSONata expression '$v' specified for the field 'Choices[0]/Condition' returned an unexpected result type. Expected 'boolean', but was 'null' for value: null",
    }),
  );
});
