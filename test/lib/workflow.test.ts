import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { afterAll, describe, expect, it } from 'vitest';
import { checkProcess, readDefinition } from '../../lib/definition.ts';
import { Permissions } from '../../lib/permissions.ts';
import { WaitsQueue } from '../../lib/waits-queue.ts';
import { Workflow, type WorkflowProps } from '../../lib/workflow.ts';
import { loops, steps, waits } from '../../statemachines/order-fulfillment.steps.ts';
import { resumeDefinition } from '../../statemachines/resume/resume-definition.ts';
import type { State } from '../../statemachines/rules/process.ts';
import { waitSubstitutions } from '../../statemachines/wait-substitutions.ts';
import { steps as greetingSteps, waits as greetingWaits } from './second-process/greeting.steps.ts';
import { synthesizeOrders, synthesizeStack } from './synthesized.ts';

const folder = mkdtempSync(join(tmpdir(), 'waybill-workflow-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const task = (timeoutSeconds: number | undefined) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: '${Greet}' },
  Output: {},
  ...(timeoutSeconds ? { TimeoutSeconds: timeoutSeconds } : {}),
  Retry: [{ ErrorEquals: ['States.ALL'] }],
  Catch: [{ ErrorEquals: ['States.ALL'], Output: {}, Next: 'Failed' }],
});

/** One state after the other, and one in which those that fail end. */
function oneAfterTheOther(states: Readonly<Record<string, object>>): object {
  const names = Object.keys(states);
  const States = Object.fromEntries(
    Object.entries(states).map(([name, state], index) => {
      const next = names[index + 1];
      return [name, { ...state, ...(next ? { Next: next } : { End: true }) }];
    }),
  );
  return { QueryLanguage: 'JSONata', StartAt: names[0], States: { ...States, Failed: { Type: 'Fail' } } };
}

function definitionOf(states: Readonly<Record<string, object>> | string): string {
  const file = join(folder, 'own.asl.json');
  writeFileSync(file, typeof states === 'string' ? states : JSON.stringify(oneAfterTheOther(states)));
  return file;
}

/** A stack with the greeting process and nothing else of ours. */
const greeting = (props: Partial<WorkflowProps> = {}) =>
  synthesizeStack((stack) => {
    const table = new Table(stack, 'Orders', { partitionKey: { name: 'orderId', type: AttributeType.STRING } });
    new Workflow(stack, 'Greeting', {
      definitionFile: 'test/lib/second-process/greeting.asl.json',
      steps: greetingSteps,
      waits: greetingWaits,
      permissions: new Permissions({ tables: { orders: { table, indexes: ['byStatus'] } } }),
      waitsQueue: new WaitsQueue(stack, 'WaitsQueue').queue,
      ...props,
    });
  });

describe('a second process', () => {
  it('is its definition, its steps and its handlers, and nothing else', () => {
    const second = greeting();
    const machine = second.one('AWS::StepFunctions::StateMachine', 'Greeting/StateMachine').properties;
    expect(machine.StateMachineName).toBe('own-greeting');
    expect(machine.StateMachineType).toBe('STANDARD');
    expect(second.functions().map(({ name }) => name)).toEqual(['Greeting/Greet']);
  });

  it.each(['StateMachine', 'ResumeStateMachine'])(
    '%s invokes any version of its functions, sends to the waits queue, and may do nothing else but log and trace',
    (id) => {
      const second = greeting();
      const machine = second.one('AWS::StepFunctions::StateMachine', `Greeting/${id}`).properties;
      const statements = second.statementsOf(machine.RoleArn['Fn::GetAtt'][0]);
      expect(statements.filter(({ resources }) => !resources.includes('*'))).toEqual([
        { actions: ['lambda:InvokeFunction'], resources: ['Greeting/Greet.Arn:*'], condition: undefined },
        { actions: ['sqs:SendMessage'], resources: ['WaitsQueue/Queue.Arn'], condition: undefined },
      ]);
      const onEverything = statements
        .filter(({ resources }) => resources.includes('*'))
        .flatMap(({ actions }) => actions);
      expect(
        onEverything.filter(
          (action) => !/^(xray:|logs:.*(LogDelivery|LogDeliveries|ResourcePolic|LogGroups))/.test(action),
        ),
      ).toEqual([]);
    },
  );

  it('has an index of a table only if it may query', () => {
    const { statements } = greeting().function('Greeting/Greet');
    const rights = statements.filter(({ actions }) => actions.some((action) => action.startsWith('dynamodb:')));
    expect(rights).toEqual([
      { actions: ['dynamodb:Query'], resources: ['Orders.Arn', 'Orders.Arn/index/byStatus'], condition: undefined },
    ]);
  });
});

describe('the order process', () => {
  const orders = synthesizeOrders();
  const machines = orders.ofType('AWS::StepFunctions::StateMachine').map(({ properties }) => properties);
  const main = orders.one('AWS::StepFunctions::StateMachine', 'OrderFulfillment/StateMachine').properties;
  const resume = orders.one('AWS::StepFunctions::StateMachine', 'OrderFulfillment/ResumeStateMachine').properties;

  it('is two machines', () => {
    expect(machines.map(({ StateMachineName }) => StateMachineName)).toEqual([
      'orders-order-fulfillment',
      'orders-order-fulfillment-resume',
    ]);
  });

  it('resumes executions on what is made of the deployed definition, filled in', () => {
    const filled = ({ DefinitionString, DefinitionSubstitutions }: typeof main) =>
      DefinitionString.replaceAll(/\$\{(\w+)\}/g, (_: string, name: string) =>
        orders.text(DefinitionSubstitutions[name]),
      );
    expect(filled(resume)).toBe(resumeDefinition(filled(main)));
  });

  it.each(machines)('resolves every name in the definition of $StateMachineName', (machine) => {
    const names = [...machine.DefinitionString.matchAll(/\$\{([^}]*)\}/g)].map((match) => match[1]);
    expect([...new Set(names)].sort()).toEqual(Object.keys(machine.DefinitionSubstitutions).sort());
    for (const [name, value] of Object.entries(machine.DefinitionSubstitutions)) {
      const times = waitSubstitutions(waits)[name];
      const expected = name === 'WaitsQueueUrl' ? 'WaitsQueue/Queue' : `OrderFulfillment/${name}/CurrentVersion`;
      expect(orders.text(value)).toBe(times ?? expected);
    }
  });

  it.each(machines)('logs errors of $StateMachineName without data, and traces it', (machine) => {
    expect(machine.LoggingConfiguration).toMatchObject({ Level: 'ERROR', IncludeExecutionData: false });
    expect(machine.TracingConfiguration).toEqual({ Enabled: true });
  });

  it.each(['', 'Resume'])('publishes a version of the machine%s that stays, behind the alias live', (prefix) => {
    const version = orders.one('AWS::StepFunctions::StateMachineVersion', `OrderFulfillment/${prefix}Version`);
    // Another version takes its place under the same logical id.
    expect(orders.template.Resources[version.id].UpdateReplacePolicy).toBe('Retain');
    expect(version.deletionPolicy).toBe('Retain');
    expect(orders.text(version.properties.StateMachineArn)).toBe(`OrderFulfillment/${prefix}StateMachine`);
    const functionVersions = orders.ofType('AWS::Lambda::Version');
    expect(new Set(functionVersions.map(({ deletionPolicy }) => deletionPolicy))).toEqual(new Set(['Retain']));
    const alias = orders.one('AWS::StepFunctions::StateMachineAlias', `OrderFulfillment/${prefix}Live`).properties;
    expect(alias.Name).toBe('live');
    expect(orders.text(alias.RoutingConfiguration[0].StateMachineVersionArn)).toBe(
      `OrderFulfillment/${prefix}Version.Arn`,
    );
  });
});

describe('a process that cannot work is refused at synth', () => {
  it.each([
    [
      'states without a row',
      { Greet: task(10), Part: task(10) },
      'Part: found a state that runs a Lambda, expected its row in the steps',
    ],
    [
      'rows without a state',
      { Other: { ...task(10), Arguments: { FunctionName: 'arn:aws:lambda:us-east-1:111122223333:function:other' } } },
      'Greet: found a row in the steps, expected a state of this name that runs a Lambda',
    ],
    [
      'a state that gives up too early',
      { Greet: task(5) },
      'Greet: TimeoutSeconds: found 5, expected more than the 5 s of its Lambda',
    ],
    ['a state without a timeout', { Greet: task(undefined) }, 'Greet: TimeoutSeconds: found nothing, expected more'],
    [
      'a wait without a row',
      { Greet: task(10), Part: { ...task(10), Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken' } },
      'Part: found a state that waits for its token, expected its row in the waits',
    ],
    [
      'a result that is passed on whole',
      { Greet: { ...task(10), Output: '{% $states.result.Payload %}' } },
      'Greet: Output: found $states.result.Payload as a whole, expected the fields of it that later states need',
    ],
    [
      'a name that nobody knows',
      { Greet: task(10), Part: { Type: 'Pass', Output: '${Nobody}' } },
      'nothing is known of ${Nobody}; known are Greet',
    ],
  ])('%s', (_, states, sentence) => {
    expect(() => greeting({ definitionFile: definitionOf(states), waits: {} })).toThrow(sentence);
  });

  /** As whoever edits the process might: all else in it is as it is deployed. */
  const orderProcess = (edit: (states: Record<string, State>) => void) => {
    const definition = JSON.parse(readFileSync('statemachines/order-fulfillment.asl.json', 'utf8'));
    edit(definition.States);
    const definitionFile = definitionOf(JSON.stringify(definition));
    return () => checkProcess(readDefinition(definitionFile), { steps, waits, loops });
  };

  it.each<[string, (states: Record<string, State>) => void, RegExp]>([
    [
      'a forgotten undo',
      (states) => (states.AwaitPicking!.Catch!.at(-1)!.Assign!.undo = ['ReleaseInventory', 'RefundPayment']),
      /AwaitPicking: Catch\[1\]\/Assign\/undo: found \["ReleaseInventory","RefundPayment"\], expected \["VoidShippingLabel",/,
    ],
    [
      'an error that nobody catches',
      (states) => states.CreateShippingLabel!.Catch!.pop(),
      /CreateShippingLabel: Catch: found /,
    ],
    [
      'a variable that was not assigned',
      (states) => (states.SendConfirmationEmail!.Output = { orderId: '{% $parcel %}' }),
      /SendConfirmationEmail: .*\$parcel/,
    ],
    [
      'a loop without its bound',
      (states) => (states.AskOperator!.Choices![0]!.Condition = '{% true %}'),
      /AskOperator: /,
    ],
    [
      'what CreateStateMachine refuses',
      (states) => (states.CloseOrder!.Catch![0]!.Next = 'Nowhere'),
      /CloseOrder: .*Nowhere/,
    ],
  ])('%s', (_, edit, finding) => {
    expect(orderProcess(() => {})).not.toThrow();
    expect(orderProcess(edit)).toThrow(finding);
  });

  it('a definition that is not JSON', () => {
    expect(() => greeting({ definitionFile: definitionOf('{') })).toThrow('own.asl.json is not JSON');
  });

  it('a definition whose orders in flight have nowhere to go', () => {
    const definitionFile = definitionOf({ Greet: task(10) });
    const mapping = (states: object) => [{ from: 'own-v1.json', states }];
    writeFileSync(join(folder, 'own-v1.json'), JSON.stringify(oneAfterTheOther({ Hello: task(9) })));
    const file = definitionFile.replace('.asl.json', '.migration.json');
    try {
      writeFileSync(file, JSON.stringify(mapping({ Hello: 'Nowhere' })));
      expect(() => greeting({ definitionFile, waits: {} })).toThrow(/^own\.asl\.json: .*Nowhere/);
      writeFileSync(file, JSON.stringify(mapping({ Hello: 'Greet' })));
      expect(() => greeting({ definitionFile, waits: {} })).not.toThrow();
    } finally {
      rmSync(file);
    }
  });

  it('a definition of which no resume machine can be made', () => {
    const definitionFile = definitionOf({ Greet: task(10), Resume: { Type: 'Pass', Output: {} } });
    expect(() => greeting({ definitionFile, waits: {} })).toThrow(
      'own.asl.json: found Resume: a state of this name is generated',
    );
  });

  it('a handler that does not exist', () => {
    const other = { Greet: { ...greetingSteps.Greet!, handler: 'lambdas/steps/greet.ts' } };
    expect(() => greeting({ steps: other })).toThrow(
      'Greet: handler: found lambdas/steps/greet.ts, expected a file that exists',
    );
  });

  it.each([
    [{ tables: { parcels: ['GetItem' as const] } }, 'state Greet is granted the table parcels; there is orders'],
    [{ secrets: ['callbackKeys'] }, 'state Greet is granted the secret callbackKeys; there is none'],
  ])('a right to something that is not there: %o', (grants, sentence) => {
    const entitled = { Greet: { ...greetingSteps.Greet!, grants } };
    expect(() => greeting({ steps: entitled })).toThrow(sentence);
  });
});
