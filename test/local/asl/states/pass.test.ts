import { describe, expect, it } from 'vitest';
import { drive } from '../../../support/interpreter-driver.ts';

const pass = (fields: object, QueryLanguage = 'JSONPath') => ({
  QueryLanguage,
  StartAt: 'Pass',
  States: { Pass: { Type: 'Pass', End: true, ...fields } },
});
const output = async (fields: object, input: unknown, language?: string) =>
  (await drive({ definition: pass(fields, language), input })).output;

describe('a Pass state', () => {
  it('keeps the text of its input, blanks and all', async () => {
    const driver = await drive({ definition: pass({}), inputText: '[1,  2.0]' });
    expect(driver.execution.output).toBe('[1,  2.0]');
  });

  it('keeps that text through a chain of states in both languages', async () => {
    const definition = {
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', InputPath: '$', Next: 'B' },
        B: { Type: 'Pass', QueryLanguage: 'JSONata', Output: '{% $states.input %}', Next: 'C' },
        C: { Type: 'Pass', ResultPath: null, Result: 1, End: true },
      },
    };
    const driver = await drive({ definition, inputText: '{"a": 1}' });
    expect(driver.execution.output).toBe('{"a": 1}');
  });

  it('runs through InputPath, Parameters, ResultPath and OutputPath in this order', async () => {
    const fields = {
      InputPath: '$.inner',
      Parameters: { 'twice.$': '$.n', fixed: true },
      ResultPath: '$.result',
      OutputPath: '$.result',
    };
    expect(await output(fields, { inner: { n: 2 } })).toEqual({ twice: 2, fixed: true });
  });

  it('combines its result with the raw input, not with what InputPath made of it', async () => {
    expect(await output({ InputPath: '$.a', ResultPath: '$.b' }, { a: 1 })).toEqual({ a: 1, b: 1 });
  });

  it('takes null paths for nothing', async () => {
    expect(await output({ InputPath: null }, { a: 1 })).toEqual({});
    expect(await output({ OutputPath: null }, { a: 1 })).toEqual({});
    expect(await output({ Result: 5, ResultPath: null }, { a: 1 })).toEqual({ a: 1 });
  });

  it('does not look into its Result', async () => {
    expect(await output({ Result: { 'x.$': '$.a' } }, { a: 1 })).toEqual({ 'x.$': '$.a' });
  });

  it('evaluates Assign and Output on the variables as they were before', async () => {
    const definition = {
      QueryLanguage: 'JSONata',
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', Assign: { n: 1 }, Next: 'B' },
        B: { Type: 'Pass', Assign: { n: '{% $n + 1 %}' }, Output: '{% $n %}', Next: 'C' },
        C: { Type: 'Pass', Output: { before: '{% $states.input %}', after: '{% $n %}' }, End: true },
      },
    };
    expect((await drive({ definition })).output).toEqual({ before: 1, after: 2 });
  });

  it('mixes both languages over the same variables', async () => {
    const definition = {
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', Assign: { 'n.$': '$.n' }, Next: 'B' },
        B: { Type: 'Pass', QueryLanguage: 'JSONata', Assign: { n: '{% $n * 10 %}' }, Next: 'C' },
        C: { Type: 'Pass', Parameters: { 'n.$': '$n' }, End: true },
      },
    };
    expect((await drive({ definition, input: { n: 4 } })).output).toEqual({ n: 40 });
  });

  it('fails when its output is longer than 256 KiB', async () => {
    const driver = await drive({ definition: pass({ Result: 'a'.repeat(262_144) }) });
    expect(driver.execution).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  });
});
