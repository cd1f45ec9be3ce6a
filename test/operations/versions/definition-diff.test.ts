import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeDiff, diffDefinitions } from '../../../operations/versions/definition-diff.ts';
import { factsOf } from '../../../operations/versions/definition-facts.ts';

const lambda = (name: string, version: number) => `arn:aws:lambda:eu-west-1:123456789012:function:${name}:${version}`;

const step = (name: string, version: number, more: object = {}) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: lambda(name, version), Payload: '{% $states.input %}' },
  ...more,
});

const definition = (States: Record<string, object>, more: object = {}) =>
  JSON.stringify({ StartAt: Object.keys(States)[0], States, ...more });

const code: Record<string, string> = { 'Charge:1': 'a', 'Charge:2': 'b', 'Charge:3': 'b' };
const diff = (before: string, after: string) => diffDefinitions(factsOf(before), factsOf(after), (name) => code[name]);

describe('what a version changes', () => {
  it('is nothing if it is the same', () => {
    const text = definition({ Charge: step('Charge', 1) });
    expect(describeDiff(diff(text, text))).toEqual([]);
  });

  it('are states that were added, removed, and changed, with what changed of them', () => {
    const before = definition({
      Charge: step('Charge', 1, { Next: 'Old' }),
      Old: { Type: 'Wait', Seconds: 1, End: true },
    });
    const after = definition(
      { Charge: step('Charge', 1, { Next: 'New', TimeoutSeconds: 5 }), New: { Type: 'Succeed' } },
      { TimeoutSeconds: 60 },
    );
    expect(describeDiff(diff(before, after))).toEqual([
      'states added: New',
      'states removed: Old',
      'states changed: Charge (Next, TimeoutSeconds)',
      'machine changed: TimeoutSeconds',
    ]);
  });

  it('is the code of a step if its Lambda version has another, and its configuration if it has the same', () => {
    const [one, two, three] = [1, 2, 3].map((version) => definition({ Charge: step('Charge', version) }));
    expect(describeDiff(diff(one!, two!))).toEqual(['code changed: Charge']);
    expect(describeDiff(diff(two!, three!))).toEqual(['configuration changed: Charge']);
  });

  it('cannot be told of a Lambda version that is gone', () => {
    const [gone, one] = [9, 1].map((version) => definition({ Charge: step('Charge', version) }));
    expect(describeDiff(diff(gone!, one!))).toEqual(['another Lambda version, of which one is gone: Charge']);
  });

  it('is seen within Maps and Parallels, and not said of the state around it', () => {
    const around = (inner: object) =>
      definition({
        Each: { Type: 'Map', ItemProcessor: { StartAt: 'Charge', States: { Charge: inner } }, Next: 'Both' },
        Both: { Type: 'Parallel', Branches: [{ StartAt: 'Rest', States: { Rest: { Type: 'Succeed' } } }], End: true },
      });
    expect(factsOf(around(step('Charge', 1))).functions).toEqual(new Map([['Charge', 'Charge:1']]));
    expect([...factsOf(around(step('Charge', 1))).states.keys()]).toEqual(['Each', 'Charge', 'Both', 'Rest']);
    expect(describeDiff(diff(around(step('Charge', 1)), around(step('Charge', 2, { Comment: 'now twice' }))))).toEqual([
      'states changed: Charge (Comment)',
      'code changed: Charge',
    ]);
  });
});

describe('what a definition names', () => {
  it('are Lambda versions wherever they stand, each once; aliases and Lambdas without a version are none', () => {
    const text = definition({
      Charge: step('Charge', 1, { Assign: { again: lambda('Charge', 1), other: `{% '${lambda('Void', 12)}' %}` } }),
      Direct: { Type: 'Task', Resource: lambda('Direct', 3) },
      Live: { Type: 'Task', Resource: 'arn:aws:lambda:eu-west-1:123456789012:function:Live:live' },
      Plain: { Type: 'Task', Resource: 'arn:aws:lambda:eu-west-1:123456789012:function:Plain' },
    });
    expect(factsOf(text).named).toEqual(['Charge:1', 'Direct:3', 'Void:12']);
  });

  it('are the steps of our process', () => {
    const text = readFileSync('statemachines/order-fulfillment.asl.json', 'utf8');
    const filled = text.replaceAll(/"\$\{(\w+)\}"/g, (_, name) => `"${lambda(name, 4)}"`);
    const { functions } = factsOf(filled);
    expect(functions.get('ChargePayment')).toBe('ChargePayment:4');
    expect(functions.size).toBeGreaterThanOrEqual(10);
  });
});
