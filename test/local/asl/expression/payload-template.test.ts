import { describe, expect, it } from 'vitest';
import type { PathScope } from '../../../../local/asl/expression/path-scope.ts';
import { checkPayloadTemplate, evaluatePayloadTemplate } from '../../../../local/asl/expression/payload-template.ts';

const scope: PathScope = {
  input: { id: 7, tags: ['a'] },
  context: { State: { Name: 'Pick' } },
  variables: { total: 12 },
};
const sources = { random: () => 0, uuid: () => 'u' };

describe('payload templates', () => {
  it('evaluates members ending in .$ at any depth and nothing else', () => {
    const template = {
      'id.$': '$.id',
      deep: [{ 'state.$': '$$.State.Name' }, 'States.UUID()', '$.id'],
      'total.$': '$total',
      'line.$': "States.Format('#{}', $.id)",
      fixed: { x: '$total', y: null },
    };
    expect(evaluatePayloadTemplate(template, scope, sources)).toEqual({
      id: 7,
      deep: [{ state: 'Pick' }, 'States.UUID()', '$.id'],
      total: 12,
      line: '#7',
      fixed: { x: '$total', y: null },
    });
  });

  it('names the member whose path leads nowhere', () => {
    expect(() => evaluatePayloadTemplate({ a: { 'b.$': '$.none' } }, scope, sources)).toThrow(
      `The JSONPath '$.none' specified for the field 'b.$' could not be found in the input '{"id":7,"tags":["a"]}'`,
    );
  });

  it('finds the members that can not be evaluated', () => {
    const template = { 'ok.$': '$.a', bad: [{ 'x.$': 'plain' }], 'y.$': 3, 'z.$': 'States.Format(' };
    expect(checkPayloadTemplate(template)).toEqual([
      {
        path: ['bad', 0],
        field: 'x.$',
        message: "The value for the field 'x.$' must be a valid JSONPath or a valid intrinsic function call",
      },
      { path: [], field: 'y.$', message: expect.any(String) },
      { path: [], field: 'z.$', message: expect.any(String) },
    ]);
  });
});
