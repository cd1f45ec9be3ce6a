import { describe, expect, it } from 'vitest';
import { findSyntaxProblem } from '../../../local/asl/json-syntax.ts';
import { InvalidDefinition, parseMachine } from '../../../local/asl/machine.ts';
import { drive } from '../../support/interpreter-driver.ts';

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
const sentence =
  'Document nesting depth (1001) exceeds the maximum allowed (1000, from `StreamReadConstraints.getMaxNestingDepth()`)';

describe('nesting', () => {
  it('of 1000 is as deep as it goes', () => {
    expect(findSyntaxProblem(nested(1000))).toBeUndefined();
    expect(findSyntaxProblem(` "${nested(2000)}\\"["`)).toBeUndefined();
    expect(findSyntaxProblem(nested(1001))).toEqual({ message: sentence, line: 1, column: 1001 });
    expect(findSyntaxProblem('['.repeat(1_000_000))?.message).toBe(sentence);
  });

  it('too deep in a definition is refused', () => {
    expect(() => parseMachine(`{"StartAt":"S","States":${nested(100_000)}}`)).toThrow(InvalidDefinition);
  });

  it('too deep in the result of a task fails the state', async () => {
    const definition = {
      StartAt: 'S',
      States: { S: { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', End: true } },
    };
    const { execution } = await drive({ definition, tasks: () => ({ resultText: nested(100_000) }) });
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
    expect(execution.cause).toContain(sentence);
  });

  it('that grows in a loop ends the execution', async () => {
    const States = { S: { Type: 'Pass', Assign: { v: '{% [[[[[$exists($v) ? $v : 0]]]]] %}' }, Next: 'S' } };
    const { execution } = await drive({ definition: { QueryLanguage: 'JSONata', StartAt: 'S', States } });
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  });
});
