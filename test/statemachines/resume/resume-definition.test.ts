import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseMachine } from '../../../local/asl/machine.ts';
import { resumeDefinition } from '../../../statemachines/resume/resume-definition.ts';
import { drive } from '../../support/interpreter-driver.ts';
import { orderDefinition } from '../../support/order-definition.ts';

const machine = (States: object, more: object = {}) =>
  JSON.stringify({ QueryLanguage: 'JSONata', StartAt: Object.keys(States)[0], States, ...more });
const execution = { Id: 'arn:first', Input: { all: ['of it'] }, Name: 'first', StartTime: '2030-01-01T00:00:00.000Z' };
const resumedFrom = { executionArn: 'arn:first', state: 'A' };

/** Runs the resume machine of these states. */
async function resumed(
  States: object,
  { at = 'A', input = {}, variables = {} }: { at?: string; input?: unknown; variables?: object },
) {
  const definition = resumeDefinition(machine(States));
  return drive({ definition, input: { resumeAt: at, input, variables, execution, resumedFrom } });
}

test('CreateStateMachine takes what is made of the order process, also before its placeholders are filled in', () => {
  expect(() => parseMachine(resumeDefinition(orderDefinition))).not.toThrow();
});

test('filling in the names and making the resume machine can be done in either order', () => {
  const names = ['ChargePaymentArn', 'Queue', 'Seconds', 'X'];
  const states = {
    A: {
      Type: 'Task',
      Comment: 'uses ${X} and {% this is no JSONata %}',
      Resource: 'arn:${X}:states:::sqs:sendMessage.waitForTaskToken',
      Arguments: {
        QueueUrl: '${Queue}',
        id: "{% '${X}' & $states.context.Execution.Name & ($count(${Seconds}) > 0 ? '${Queue}' : $states.context.Execution.Id) %}",
        FunctionName: '${ChargePaymentArn}:1',
      },
      TimeoutSeconds: '{% ${Seconds} %}',
      Assign: { first: '{% ${Seconds} ~> $sum %}' },
      Next: 'B',
    },
    B: { Type: 'Wait', Seconds: '{% ${Seconds} + $first %}', End: true },
  };
  const text = `${machine(states).replaceAll(',', ', ')}\n`;
  const fill = (into: string, values: Record<string, string>) =>
    into.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => values[name]!);
  const named = fc.string({ unit: fc.constantFrom(...'abcXYZ019:/-_.[], é'), maxLength: 60 });
  const numbers = fc.oneof(
    fc.nat().map(String),
    fc.array(fc.nat()).map((list) => JSON.stringify(list)),
  );
  const values = fc.record({ ChargePaymentArn: named, Queue: named, X: named, Seconds: numbers });
  fc.assert(
    fc.property(values, (given) => {
      expect(Object.keys(given).sort()).toEqual([...names].sort());
      expect(resumeDefinition(fill(text, given))).toBe(fill(resumeDefinition(text), given));
    }),
  );
});

test('any input and any variables are entered with as they were', async () => {
  const States = {
    Start: { Type: 'Pass', Assign: { x: 0, ünïcode: 0, in: 0, true: 0 }, Next: 'A' },
    A: { Type: 'Pass', Output: { x: '{% $x %}', was: '{% $states.input %}' }, End: true },
  };
  // What JSON can say: no -0.
  const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)));
  await fc.assert(
    fc.asyncProperty(json, json, async (x, input) => {
      const run = await resumed(States, { input, variables: { x, ünïcode: [[1]], in: [], true: [null] } });
      expect(run.output).toEqual({ x, was: input });
      const [entered] = run.details('ChoiceStateExited');
      expect(entered!.assignedVariables).toMatchObject({ ünïcode: '[[1]]', in: '[]', true: '[null]' });
    }),
  );
});

test.each([
  ["It's", `"It's"`],
  ['a "quoted" one', `'a "quoted" one'`],
  ['back\\slash', '"back\\\\slash"'],
])('a state may be called %s', async (name, written) => {
  const States = { [name]: { Type: 'Pass', End: true } };
  expect(JSON.parse(resumeDefinition(machine(States))).States.Resume.Choices[0].Condition).toContain(written);
  expect((await resumed(States, { at: name, input: { here: 1 } })).output).toEqual({ here: 1 });
});

describe('the first execution is seen', () => {
  const shownBy = async (expression: string) => {
    const run = await resumed(
      { A: { Type: 'Pass', Output: { seen: `{% ${expression} %}` }, End: true } },
      { input: [1] },
    );
    return (run.output as { seen: unknown }).seen;
  };

  test.each([
    ['$states.context.Execution.Name', 'first'],
    ['$states.context.Execution', execution],
    ['$states . context.Execution.Input.all', ['of it']],
    ['$states.context.`Execution`.Id', 'arn:first'],
    ["$states.context.Execution.Id & '$states.context.Execution.Id'", 'arn:first$states.context.Execution.Id'],
    ['$states.context.Execution[Name = "first"].Input.all[0]', 'of it'],
    ['[1].($states.context.Execution.Name)', 'first'],
    ['$states.input[0] + $count($states.context.Execution.Input.all)', 2],
    ['$states.context.Execution{ Name: Id }', { first: 'arn:first' }],
    ['/* $states.context.Execution */ $states.context.State.Name', 'A'],
  ])('by %s', async (expression, seen) => {
    expect(await shownBy(expression)).toEqual(seen);
  });

  test('within a Parallel and an inline Map, but not by the items of a distributed one: they are executions of their own', () => {
    const inner = {
      StartAt: 'In',
      States: { In: { Type: 'Pass', Output: '{% $states.context.Execution.Name %}', End: true } },
    };
    const map = (Mode: string) => ({
      Type: 'Map',
      ItemProcessor: { ProcessorConfig: { Mode, ExecutionType: 'STANDARD' }, ...inner },
    });
    const states = JSON.parse(
      resumeDefinition(
        machine({
          A: { Type: 'Parallel', Branches: [inner], Next: 'B' },
          B: { ...map('INLINE'), Next: 'C' },
          C: { ...map('DISTRIBUTED'), ItemSelector: { of: '{% $states.context.Execution.Name %}' }, End: true },
        }),
      ),
    ).States;
    const carried = '{% $states.context.Execution.Input.execution.Name %}';
    expect(states.A.Branches[0].States.In.Output).toBe(carried);
    expect(states.B.ItemProcessor.States.In.Output).toBe(carried);
    expect(states.C.ItemProcessor.States.In.Output).toBe('{% $states.context.Execution.Name %}');
    expect(states.C.ItemSelector.of).toBe(carried);
  });
});

describe('what cannot be resumed as it was is refused', () => {
  const output = (expression: string) => machine({ A: { Type: 'Pass', Output: `{% ${expression} %}`, End: true } });
  const pass = { Type: 'Pass', End: true };

  test.each([
    [
      'a state named as ours',
      machine({ Resume: pass }),
      'Resume: a state of this name is generated in the resume machine, name it otherwise',
    ],
    [
      'one within a branch',
      machine({
        A: { Type: 'Parallel', Branches: [{ StartAt: 'NotResumable', States: { NotResumable: pass } }], End: true },
      }),
      'NotResumable: a state of this name is generated in the resume machine, name it otherwise',
    ],
    [
      'a machine in JSONPath',
      machine({ A: pass }, { QueryLanguage: 'JSONPath' }),
      'the query language is JSONPath: only a machine all in JSONata can be resumed',
    ],
    [
      'one that says nothing',
      JSON.stringify({ StartAt: 'A', States: { A: pass } }),
      'the query language is JSONPath: only a machine all in JSONata can be resumed',
    ],
    [
      'a state in JSONPath',
      machine({ A: { ...pass, QueryLanguage: 'JSONPath' } }),
      'A: the query language is JSONPath: only a machine all in JSONata can be resumed',
    ],
    [
      '$states as a whole',
      output('$keys($states)'),
      'A: {% $keys($states) %} uses $states as a whole: name the part of it that is meant',
    ],
    [
      'any part of it',
      output('$states.*'),
      'A: {% $states.* %} uses $states as a whole: name the part of it that is meant',
    ],
    [
      'the context as a whole',
      output('($c := $states.context; $c.Execution.Id)'),
      'A: {% ($c := $states.context; $c.Execution.Id) %} uses $states.context as a whole: name the part of it that is meant',
    ],
    ['a group of it', output("$states.context{'a': Execution}"), 'uses $states.context as a whole'],
    ['a part that is computed', output('$states.context.(Execution)'), 'uses $states.context as a whole'],
    ['a redrive that is not carried on', output('$states.context.Execution.RedriveCount'), 'reads RedriveCount, which'],
    ['what is no JSONata', output('1 +'), 'A: {% 1 + %} is no JSONata: '],
  ])('%s', (_title, text, sentence) => {
    expect(() => resumeDefinition(text)).toThrow(sentence);
  });
});
