import { describe, expect, it } from 'vitest';
import { InvalidDefinition, parseMachine } from '../../../local/asl/machine.ts';

const refusal = (definition: object | string, type?: 'STANDARD' | 'EXPRESS'): string => {
  try {
    parseMachine(typeof definition === 'string' ? definition : JSON.stringify(definition), type);
  } catch (error) {
    if (error instanceof InvalidDefinition) return error.message;
    throw error;
  }
  return 'accepted';
};
const machine = (state: object, others: object = {}) => ({ StartAt: 'S', States: { S: state, ...others } });
const choice = (rule: object) => machine({ Type: 'Choice', Choices: [{ ...rule, Next: 'S' }] });
const map = (fields: object) =>
  machine({ Type: 'Map', ItemProcessor: machine({ Type: 'Pass', End: true }), ...fields });
const invalid = (problem: string) => `Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: ${problem}'`;

describe('parseMachine', () => {
  it.each([
    [{ States: {} }, 'These fields are required: [StartAt] at /'],
    [machine({ Type: 'Nap', End: true }), 'at /States/S/Type'],
    [machine({ Type: 'Pass' }), "One of 'Next' and 'End' is required at /States/S"],
    [machine({ Type: 'Pass', Next: 'S', End: true }), "'Next' and 'End' exclude one another at /States/S"],
    [machine({ Type: 'Task', End: true }), 'These fields are required: [Resource] at /States/S'],
    [machine({ Type: 'Parallel', Branches: [], End: true }), 'Value cannot be empty at /States/S/Branches'],
    [machine({ Type: 'Wait', End: true }), 'exactly one of [Seconds, SecondsPath, Timestamp, TimestampPath]'],
    [machine({ Type: 'Wait', Timestamp: 'noon', End: true }), 'String does not match RFC3339 timestamp'],
    [machine({ Type: 'Pass', Nxt: 'T', End: true }), "The field 'Nxt' is not supported at /States/S/Nxt"],
    [machine({ Type: 'Pass', InputPath: 'a', End: true }), 'at /States/S/InputPath'],
    [machine({ Type: 'Pass', Parameters: { 'a.$': 'a' }, End: true }), "The value for the field 'a.$' must be a valid"],
    [machine({ Type: 'Pass', Output: 1, End: true }), "is not supported when QueryLanguage is 'JSONPath'"],
    [machine({ Type: 'Pass', Next: 5 }), 'Expected value of type String at /States/S/Next'],
    [machine({ Type: 'Wait', Seconds: -1, End: true }), 'Expected value of type Integer of at least 0'],
    [map({ ItemReader: { ReaderConfig: { MaxItemsPath: 'a' } } }), 'at /States/S/ItemReader/ReaderConfig/MaxItemsPath'],
    [map({ ItemReader: { Parameters: { 'a.$': 'a b' } } }), 'at /States/S/ItemReader/Parameters'],
    [machine({ Type: 'Wait', Seconds: 1e8, End: true }), 'at most 99999999 at /States/S/Seconds'],
    [
      machine({ Type: 'Task', Retry: [{ IntervalSeconds: 1e8 }] }),
      'at most 99999999 at /States/S/Retry[0]/IntervalSeconds',
    ],
    [machine({ Type: 'Choice', Choices: [{ Variable: '$.a', Next: 'S' }] }), 'must have a comparison operator'],
    [
      choice({ Variable: '$.a', StringEquals: 'x', IsNull: true }),
      'only one comparison operator at /States/S/Choices[0]',
    ],
    [choice({ Variable: '$.a', NumericEqualsPath: 20 }), 'type String at /States/S/Choices[0]/NumericEqualsPath'],
    [choice({ Variable: '$.a', BooleanEquals: 'x' }), 'type Boolean at /States/S/Choices[0]/BooleanEquals'],
    [choice({ Variable: '$.a', TimestampEquals: 'x' }), 'RFC3339 timestamp at /States/S/Choices[0]/TimestampEquals'],
    [choice({ Not: { Variable: '$[', IsNull: true } }), 'at /States/S/Choices[0]/Not/Variable'],
    [machine({ Type: 'Pass', InputPath: 'States.UUID()', End: true }), 'at /States/S/InputPath'],
    [
      machine({ Type: 'Map', ItemReader: {}, ItemProcessor: machine({ Type: 'Pass', End: true }), End: true }),
      "Mode is not 'DISTRIBUTED' at /States/S/ItemReader",
    ],
    [
      machine({ Type: 'Map', Label: '', ItemProcessor: machine({ Type: 'Pass', End: true }), End: true }),
      'at /States/S/Label',
    ],
  ])('refuses %j', (definition, problem) => {
    expect(refusal(definition)).toContain(problem);
  });

  it.each([
    [[{ ErrorEquals: [] }], 'Value cannot be empty at /States/S/Retry[0]/ErrorEquals'],
    [[{ ErrorEquals: ['States.ALL', 'A'] }], 'States.ALL must appear alone'],
    [[{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['A'] }], 'States.ALL must appear in the last entry'],
    [[{ ErrorEquals: ['A'], BackoffRate: 0.5 }], 'at /States/S/Retry[0]/BackoffRate'],
  ])('refuses Retry %j', (Retry, problem) => {
    expect(refusal(machine({ Type: 'Task', Resource: 'arn:x', Retry, End: true }))).toContain(problem);
  });

  it('says everything that is wrong at once', () => {
    const definition = machine({ Type: 'Pass', Next: 'Nowhere' }, { Lost: { Type: 'Succeed' } });
    expect(refusal(definition)).toBe(
      `Invalid State Machine Definition: 'MISSING_TRANSITION_TARGET: Missing 'Next' target: Nowhere at /States/S/Next, MISSING_TRANSITION_TARGET: State "Lost" is not reachable. at /States/Lost'`,
    );
  });

  it('refuses two states of the same name, wherever they are', () => {
    const inner = { StartAt: 'S', States: { S: { Type: 'Pass', End: true } } };
    expect(refusal(machine({ Type: 'Parallel', Branches: [inner], End: true }))).toContain('Duplicate State name: S');
  });

  it('refuses what an Express machine cannot do', () => {
    const wait = machine({ Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken', End: true });
    expect(refusal(wait)).toBe('accepted');
    expect(refusal(wait, 'EXPRESS')).toBe(
      invalid("Express state machine does not support '.waitForTaskToken' service integration at /States/S/Resource"),
    );
  });

  it('refuses expressions that do not parse, with their place', () => {
    const definition = {
      QueryLanguage: 'JSONata',
      ...machine({ Type: 'Pass', Output: { a: '{% 1 + %}' }, End: true }),
    };
    expect(refusal(definition)).toContain('at /States/S/Output/a');
  });

  it('refuses what is no JSON in the words of the service', () => {
    expect(refusal('not a definition')).toContain(
      "INVALID_JSON_DESCRIPTION: Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
    );
    expect(refusal('[]')).toBe(invalid('Definition must be a valid JSON object'));
  });

  it('hands the language of the machine down to every state, but not that of a single state', () => {
    const one = { StartAt: 'One', States: { One: { Type: 'Pass', End: true } } };
    const inside = (top: object, each: object) =>
      parseMachine(JSON.stringify({ ...machine({ Type: 'Map', ItemProcessor: one, End: true, ...each }), ...top }))
        .states.get('S')
        ?.groups[0]?.states.get('One')?.language;
    expect(inside({ QueryLanguage: 'JSONata' }, {})).toBe('JSONata');
    expect(inside({}, { QueryLanguage: 'JSONata' })).toBe('JSONPath');
  });
});
