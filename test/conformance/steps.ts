import { startActivityWorker } from './activity-worker.ts';
import { ApiError } from './api-client.ts';
import type { Step } from './case-format.ts';
import { startBackground, startTokenResponder } from './queue-consumers.ts';
import { fillIn } from './references.ts';
import { errorResult, type World, waitFor, waitUntil } from './world.ts';

/** Does one step of a case; its result is what later steps and outputs refer to. */
export async function doStep(world: World, step: Step): Promise<void> {
  const result = step.api === undefined ? await doOther(world, step) : await callApi(world, step);
  if (step.id !== undefined) world.results.set(step.id, result);
}

async function callApi(world: World, step: Step): Promise<unknown> {
  const api = step.api!;
  const params = requestOf(world, step);
  try {
    const pending = world.api.call(api, params);
    const answer = /SyncExecution$|getActivityTask$/.test(api)
      ? await waitFor(world, `${api} is answered`, pending)
      : await pending;
    if (step.expectError) throw new Error(`${api} was expected to fail and answered ${JSON.stringify(answer)}.`);
    return step.paginate ? await allPages(world, api, params, answer) : answer;
  } catch (error) {
    if (!step.expectError) throw describe(error);
    return errorResult(error);
  }
}

/** Definitions that are given as JSON are sent as their text. */
export function requestOf(world: World, step: Step): Record<string, unknown> {
  const params = fillIn(step.params ?? {}, world.lookup) as Record<string, unknown>;
  return { ...params, ...('definition' in params && { definition: textOf(params.definition) }) };
}

export function textOf(definition: unknown): unknown {
  return typeof definition === 'object' && definition !== null ? JSON.stringify(definition) : definition;
}

async function allPages(
  world: World,
  api: string,
  params: Record<string, unknown>,
  first: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const all = { ...first };
  for (let page = first; page.nextToken !== undefined; ) {
    page = await world.api.call(api, { ...params, nextToken: page.nextToken });
    for (const [name, value] of Object.entries(page)) {
      if (Array.isArray(value)) all[name] = [...((all[name] ?? []) as unknown[]), ...value];
    }
  }
  delete all.nextToken;
  return all;
}

async function doOther(world: World, step: Step): Promise<unknown> {
  const text = (value: string | undefined) => world.fillInText(value ?? '');
  switch (step.do) {
    case 'createLambda':
      return world.functions.create(step.functionName!, step.behaviour!);
    case 'createTable':
      return createTable(world, step);
    case 'await':
      return awaitExecution(world, step.until!, text(step.executionArn), text(step.stateMachineArn));
    case 'background':
      return world.actors.push(startBackground(world, step.steps ?? []));
    case 'sqsTokenResponder':
      return world.actors.push(startTokenResponder(world, step.mode!, text(step.queueUrl)));
    case 'activityWorker':
      return world.actors.push(startActivityWorker(world, text(step.activityArn), step.workerDefinition!));
    case 'receiveMessages':
      return receiveMessages(world, text(step.queueUrl), step.count ?? 1);
    default:
      throw new Error(`The runner does not know the step ${step.do}.`);
  }
}

async function createTable({ api }: World, step: Step): Promise<unknown> {
  const name = step.partitionKey!;
  return api.call('dynamodb.createTable', {
    TableName: step.tableName,
    KeySchema: [{ AttributeName: name, KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: name, AttributeType: step.partitionKeyType ?? 'S' }],
    BillingMode: 'PAY_PER_REQUEST',
  });
}

export async function awaitExecution(world: World, until: string, executionArn: string, stateMachineArn = '') {
  const { api } = world;
  const statusIn =
    (...statuses: string[]) =>
    async () =>
      statuses.includes(String((await api.call('stepfunctions.describeExecution', { executionArn })).status));
  const eventIs = (matches: (event: Record<string, unknown>) => boolean) => async () => {
    const { events } = await api.call('stepfunctions.getExecutionHistory', { executionArn });
    return (events as Record<string, unknown>[]).some(matches);
  };
  const conditions: Record<string, () => Promise<boolean>> = {
    terminated: statusIn('SUCCEEDED', 'FAILED', 'ABORTED', 'TIMED_OUT'),
    succeeded: statusIn('SUCCEEDED'),
    aborted: statusIn('ABORTED'),
    started: eventIs(({ type }) => type === 'ExecutionStarted'),
    historyMatches: eventIs(
      ({ stateEnteredEventDetails: entered }) => (entered as { name?: string } | undefined)?.name === 'State_1',
    ),
  };
  const [word, statusFilter] = until.split(':');
  const listed = async () => {
    const { executions } = await api.call('stepfunctions.listExecutions', { stateMachineArn, statusFilter });
    return (executions as { executionArn: string }[]).some((row) => row.executionArn === executionArn);
  };
  const condition = word === 'listed' ? listed : conditions[until];
  if (!condition) throw new Error(`The runner does not know how to wait until ${until}.`);
  await waitUntil(world, `${executionArn} is ${until}`, condition);
}

async function receiveMessages(world: World, QueueUrl: string, count: number): Promise<unknown[]> {
  const bodies: unknown[] = [];
  await waitUntil(world, `${count} messages are received`, async () => {
    const { Messages = [] } = await world.api.call('sqs.receiveMessage', { QueueUrl, MaxNumberOfMessages: 10 });
    for (const { Body, ReceiptHandle } of Messages as { Body: string; ReceiptHandle: string }[]) {
      bodies.push(JSON.parse(Body));
      await world.api.call('sqs.deleteMessage', { QueueUrl, ReceiptHandle });
    }
    return bodies.length >= count;
  });
  return bodies;
}

function describe(error: unknown): unknown {
  if (!(error instanceof ApiError)) return error;
  return new Error(`${error.operation} failed: ${error.code}: ${error.message}`);
}
