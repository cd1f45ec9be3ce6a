import { describe, expect, it } from 'vitest';
import { steps } from '../../statemachines/order-fulfillment.steps.ts';
import { Policies } from './policies.ts';
import { synthesizeOrders } from './synthesized.ts';

const orders = synthesizeOrders();
const policies = new Policies(orders);
const machines = ['OrderFulfillment/StateMachine', 'OrderFulfillment/ResumeStateMachine'];
const names = orders.functions().map(({ name }) => name);
const stepNames = Object.keys(steps).map((name) => `OrderFulfillment/${name}`);
const action = 'lambda:InvokeFunction';

describe.each(machines)('an order on an old definition of %s', (machine) => {
  it.each(stepNames)('may run every version of %s that there was', (step) => {
    for (const version of ['1', '2', '917']) {
      expect(policies.allow(machine, { action, resource: `${policies.arn(step)}:${version}` })).toBe(true);
    }
  });

  it.each(stepNames)('may do nothing else with %s', (step) => {
    expect(policies.allow(machine, { action, resource: policies.arn(step) })).toBe(false);
    expect(policies.allow(machine, { action, resource: `${policies.arn(step)}Too:1` })).toBe(false);
    expect(policies.allow(machine, { action: 'lambda:GetFunction', resource: `${policies.arn(step)}:1` })).toBe(false);
  });

  it('may run no other function of the stack', () => {
    const others = names.filter((name) => !stepNames.includes(name));
    expect(others.length).toBeGreaterThan(10);
    const allowed = others.filter((name) => policies.allow(machine, { action, resource: `${policies.arn(name)}:1` }));
    expect(allowed).toEqual([]);
  });

  it('is answered by who answers waits', () => {
    const resource = policies.arn(machine);
    const answering = names.filter((name) => policies.allow(name, { action: 'states:SendTaskSuccess', resource }));
    expect(answering).toEqual(['Waits/DeliverAnswer', 'Waits/FailDeadWait']);
  });

  it('is found by who looks how orders stand', () => {
    const name = orders.one('AWS::StepFunctions::StateMachine', machine).properties.StateMachineName;
    const resource = `arn:aws:states:eu-west-1:111122223333:execution:${name}:ord_1-2`;
    const may = (asked: string) => names.filter((name) => policies.allow(name, { action: asked, resource }));
    expect(may('states:DescribeExecution')).toEqual([
      'Api/PlaceOrder',
      'Api/GetOrder',
      'Api/ListOrderEvents',
      'Api/CancelOrder',
      'Detector/FindStuck',
    ]);
    expect(may('states:GetExecutionHistory')).toEqual(['Detector/FindStuck']);
  });
});

it('what older versions hold the names of is where it has always been: under another id it would be another one, and this gone', () => {
  const held = [
    ...machines.flatMap((machine) => [machine, `${machine}/Role`]),
    ...stepNames.flatMap((step) => [step, `${step}Role`]),
    ...['WaitsQueue/Queue', 'CallbackKeys'],
    ...['Orders', 'Inventory', 'Waits', 'Idempotency', 'Sandbox', 'Providers', 'OrderLines'].map(
      (name) => `Storage/${name}`,
    ),
  ];
  const paths = orders.resources.map(({ path }) => path.replace('/Resource', ''));
  expect(held.filter((path) => !paths.includes(path))).toEqual([]);
});

it('no policy of a step names one version of it: its rights and who may call it are those of the function', () => {
  const permitted = orders
    .ofType('AWS::Lambda::Permission')
    .map(({ properties }) => orders.text(properties.FunctionName));
  expect(permitted.filter((name) => stepNames.some((step) => name.startsWith(step)))).toEqual([]);
  expect(orders.ofType('AWS::Lambda::Alias')).toEqual([]);
});

it('no Lambda starts the resume machine: whoever operates does', () => {
  const start = 'states:StartExecution';
  const context = { 'states:StateMachineQualifier': 'live' };
  const starting = (machine: string) =>
    names.filter((name) => policies.allow(name, { action: start, resource: policies.arn(machine), context }));
  expect(machines.map(starting)).toEqual([['Api/PlaceOrder'], []]);
});
