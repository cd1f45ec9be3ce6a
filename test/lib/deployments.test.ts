import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { afterAll, describe, expect, it } from 'vitest';
import { OrderStack } from '../../lib/order-stack.ts';
import { Permissions } from '../../lib/permissions.ts';
import { readSettings } from '../../lib/settings.ts';
import { WaitsQueue } from '../../lib/waits-queue.ts';
import { Workflow, type WorkflowProps } from '../../lib/workflow.ts';
import { steps, waits } from './second-process/greeting.steps.ts';
import { newApp, Synthesized, synthesizeOrders, synthesizeStack } from './synthesized.ts';

const folder = mkdtempSync(join(tmpdir(), 'waybill-deployments-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const Greet = steps.Greet!;
const definitionFile = 'test/lib/second-process/greeting.asl.json';
const definition = JSON.parse(readFileSync(new URL('./second-process/greeting.asl.json', import.meta.url), 'utf8'));
const { Greet: greets, ...rest } = definition.States;
const Part = { ...greets, Arguments: { FunctionName: '${Part}' } };
const withPart = { ...definition, States: { Greet: { ...greets, Next: 'Part' }, Part, ...rest } };
const definitionOf = (name: string, content: object) => {
  const file = join(folder, `${name}.asl.json`);
  writeFileSync(file, JSON.stringify(content));
  return file;
};
/** A process of two steps: what is said of one of them must not be true of both. */
const twoSteps = { definitionFile: definitionOf('two', withPart), steps: { Greet, Part: Greet } };

const greeting = (props: Partial<WorkflowProps> = {}) =>
  synthesizeStack((stack) => {
    const table = new Table(stack, 'Orders', { partitionKey: { name: 'orderId', type: AttributeType.STRING } });
    new Workflow(stack, 'Greeting', {
      definitionFile,
      steps,
      waits,
      permissions: new Permissions({ tables: { orders: { table, indexes: ['byStatus'] } } }),
      waitsQueue: new WaitsQueue(stack, 'WaitsQueue').queue,
      ...props,
    });
  });

/** What a deployment over another one would add, change or remove: paths of resources, without what CloudFormation does not deploy. */
function changes(before: Synthesized, after: Synthesized): string[] {
  const resources = ({ resources }: Synthesized) =>
    new Map(resources.map(({ id, path, properties }) => [id, { path, text: JSON.stringify(properties) }]));
  const [old, now] = [resources(before), resources(after)];
  const differs = (id: string) => old.get(id)?.text !== now.get(id)?.text;
  const paths = [...new Set([...old.keys(), ...now.keys()])]
    .filter(differs)
    .map((id) => (now.get(id) ?? old.get(id))!.path);
  return [...new Set(paths)].map((path) => path.replace('/Resource', '')).sort();
}

const machines = ['Greeting/ResumeStateMachine', 'Greeting/StateMachine'];

describe('a deployment', () => {
  it('that changes nothing publishes nothing: the same sources give the same template', () => {
    const app = newApp();
    const settings = readSettings((name) => app.node.tryGetContext(name));
    const again = new Synthesized(new OrderStack(app, 'orders', settings));
    expect(again.template).toEqual(synthesizeOrders().template);
  });

  it('of other code of one step publishes a version of that Lambda and of the machines, and changes nothing else', () => {
    const politely = { ...Greet, handler: 'test/lib/second-process/greet-politely.ts' };
    expect(changes(greeting(twoSteps), greeting({ ...twoSteps, steps: { Greet: politely, Part: Greet } }))).toEqual([
      'Greeting/Greet',
      'Greeting/Greet/CurrentVersion',
      ...machines,
    ]);
  });

  it('of another definition publishes no version of a Lambda', () => {
    const AwaitAnswer = { ...definition.States.AwaitAnswer, Comment: 'says more' };
    const other = { ...definition, States: { ...definition.States, AwaitAnswer } };
    expect(changes(greeting(), greeting({ definitionFile: definitionOf('other', other) }))).toEqual(machines);
  });

  it('of another time of a wait publishes no version of a Lambda', () => {
    const longer = { ...waits, AwaitAnswer: { ...waits.AwaitAnswer, timeoutSeconds: 7200 } };
    expect(changes(greeting(), greeting({ waits: longer }))).toEqual(machines);
  });

  it('of another right publishes nothing: versions share the role of their function', () => {
    const entitled = { ...Greet, grants: { tables: { orders: ['Query' as const, 'GetItem' as const] } } };
    expect(changes(greeting(), greeting({ steps: { Greet: entitled } }))).toEqual(['Greeting/GreetRole/DefaultPolicy']);
  });

  it('publishes what the machine is by then: its version has the revision of the machine', () => {
    const versions = synthesizeOrders().ofType('AWS::StepFunctions::StateMachineVersion');
    const revisions = versions.map(({ properties }) => synthesizeOrders().text(properties.StateMachineRevisionId));
    expect(revisions).toEqual([
      'OrderFulfillment/StateMachine.StateMachineRevisionId',
      'OrderFulfillment/ResumeStateMachine.StateMachineRevisionId',
    ]);
    // Another description alone would be another version.
    for (const { properties } of versions) expect(properties.Description).toBeUndefined();
  });

  it('publishes every step again when it is told to', () => {
    expect(changes(greeting(twoSteps), greeting({ ...twoSteps, publishAgain: 'after the outage' }))).toEqual([
      'Greeting/Greet',
      'Greeting/Greet/CurrentVersion',
      'Greeting/Part',
      'Greeting/Part/CurrentVersion',
      ...machines,
    ]);
  });
});

describe('a retired step', () => {
  const retiring = {
    definitionFile,
    steps: { Greet, Part: { ...Greet, retired: true as const } },
  };

  it('keeps its function, the versions of it and its rights; the definition does not name it', () => {
    expect(changes(greeting(twoSteps), greeting(retiring))).toEqual(machines);
  });

  it('can be run by orders on older definitions', () => {
    const retired = greeting(retiring);
    for (const id of machines) {
      const machine = retired.one('AWS::StepFunctions::StateMachine', id).properties;
      expect(Object.keys(machine.DefinitionSubstitutions)).not.toContain('Part');
      const [invoke] = retired
        .statementsOf(machine.RoleArn['Fn::GetAtt'][0])
        .filter(({ actions }) => actions.includes('lambda:InvokeFunction'));
      expect(invoke?.resources).toEqual(['Greeting/Greet.Arn:*', 'Greeting/Part.Arn:*']);
    }
  });
});

describe('a gradual deployment', () => {
  const canary = synthesizeOrders({ deployment: 'canary', deploymentPercentage: '20', deploymentIntervalMinutes: 30 });
  const alias = (id: string, from = canary) => from.one('AWS::StepFunctions::StateMachineAlias', id).properties;
  const alarms = canary.ofType('AWS::CloudWatch::Alarm').filter(({ path }) => path.includes('/RollbackAlarms/'));

  it('takes new orders to the new version bit by bit, and resumed ones at once', () => {
    const { RoutingConfiguration, DeploymentPreference } = alias('OrderFulfillment/Live');
    expect(RoutingConfiguration).toBeUndefined();
    expect(DeploymentPreference).toMatchObject({ Type: 'CANARY', Percentage: 20, Interval: 30 });
    expect(canary.text(DeploymentPreference.StateMachineVersionArn)).toBe('OrderFulfillment/Version.Arn');
    expect(alias('OrderFulfillment/ResumeLive').DeploymentPreference).toBeUndefined();
    const linear = alias('OrderFulfillment/Live', synthesizeOrders({ deployment: 'linear' }));
    expect(linear.DeploymentPreference).toMatchObject({ Type: 'LINEAR', Percentage: 10, Interval: 5 });
  });

  it('is taken back by alarms of the new version, which CloudFormation knows by their names', () => {
    const named = alias('OrderFulfillment/Live').DeploymentPreference.Alarms;
    expect(named).toEqual(alarms.map(({ id }) => ({ Ref: id })));
    expect(alarms[0]?.properties).toMatchObject({
      Namespace: 'AWS/States',
      MetricName: 'ExecutionsFailed',
      Period: 1800,
    });
    const dimensions = alarms[0]?.properties.Dimensions.map(({ Name, Value }: { Name: string; Value: object }) => [
      Name,
      canary.text(Value),
    ]);
    expect(dimensions).toEqual([
      ['StateMachineArn', 'OrderFulfillment/StateMachine'],
      ['Version', expect.stringContaining('Fn::Select')],
    ]);
  });

  it('is taken back by a step whose new version fails most of its calls, as a declined card does not', () => {
    const charge = canary.one('AWS::CloudWatch::Alarm', 'OrderFulfillment/RollbackAlarms/ChargePaymentBroken');
    const [expression, errors, calls] = charge.properties.Metrics;
    expect(expression.Expression).toBe('IF(errors > 2 AND errors * 2 > calls, 1, 0)');
    for (const [metric, name] of [
      [errors, 'Errors'],
      [calls, 'Invocations'],
    ]) {
      expect(metric.MetricStat).toMatchObject({ Period: 1800, Stat: 'Sum', Metric: { MetricName: name } });
      expect(
        metric.MetricStat.Metric.Dimensions.map(({ Name, Value }: { Name: string; Value: object }) => [
          Name,
          canary.text(Value),
        ]),
      ).toEqual([
        ['FunctionName', 'OrderFulfillment/ChargePayment'],
        ['Resource', 'OrderFulfillment/ChargePayment:OrderFulfillment/ChargePayment/CurrentVersion.Version'],
      ]);
    }
  });

  it('has an alarm of its own for each version: one that rang for the last version cannot stop the one that mends it', () => {
    const gradual: Partial<WorkflowProps> = {
      ...twoSteps,
      deployment: { type: 'canary', percentage: 10, intervalMinutes: 5 },
    };
    const politely = { ...Greet, handler: 'test/lib/second-process/greet-politely.ts' };
    const [before, after] = [gradual, { ...gradual, steps: { Greet: politely, Part: Greet } }].map((props) =>
      greeting(props)
        .ofType('AWS::CloudWatch::Alarm')
        .map(({ id, path }) => `${path.split('/').at(-2)} ${id}`),
    );
    const stays = after!.filter((alarm) => before!.includes(alarm)).map((alarm) => alarm.split(' ')[0]);
    expect(after).toHaveLength(3);
    expect(stays).toEqual(['PartBroken']);
  });

  it('costs nothing where it is not chosen', () => {
    const { resources } = synthesizeOrders();
    expect(resources.filter(({ path }) => path.includes('RollbackAlarms'))).toEqual([]);
  });
});
