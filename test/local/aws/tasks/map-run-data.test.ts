import { startFauxqs } from 'fauxqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTaskRunner } from '../../../../local/aws/tasks/task-runner.ts';
import { chain, create, startEngine } from '../../../support/engine.ts';

let fauxqs: Awaited<ReturnType<typeof startFauxqs>>;
let endpoint: string;
beforeAll(async () => {
  fauxqs = await startFauxqs({ port: 0, logger: false });
  endpoint = `http://127.0.0.1:${fauxqs.port}`;
  await put('/files', '');
  await put('/files/orders.csv', 'id,city\n1,Ulm\n2,Jena\n3,Kiel\n');
  await put('/files/orders.json', '[{"id": 1}, {"id": 2}]');
  await put('/files/orders.jsonl', '{"id": 1}\n\n{"id": 2}\n');
  await put('/files/no-array.json', '{"id": 1}');
});
afterAll(() => fauxqs.stop());

async function put(path: string, body: string): Promise<void> {
  const response = await fetch(`${endpoint}${path}`, { method: 'PUT', body });
  expect(response.ok).toBe(true);
}

function reader(Key: string, config: object) {
  return { Resource: 'arn:aws:states:::s3:getObject', Parameters: { Bucket: 'files', Key }, ReaderConfig: config };
}

const ItemProcessor = {
  ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
  StartAt: 'Each',
  States: { Each: { Type: 'Pass', End: true } },
};

async function run(fields: object, input = '{}') {
  const nowhere = 'http://127.0.0.1:9';
  const tasks = createTaskRunner({
    functions: { invoke: () => Promise.reject(new Error('There are no functions.')) },
    queues: { endpoint: nowhere },
    dynamodb: { endpoint: () => nowhere },
    s3: { endpoint },
  });
  await using runtime = await startEngine({ tasks });
  const stateMachineArn = create(runtime, chain({ Type: 'Map', ItemProcessor, ...fields }));
  const { executionArn } = await runtime.engine.executions.start({ stateMachineArn, input });
  const { status, output, error, cause } = await runtime.engine.executions.ended(executionArn);
  return { status, output: output === null ? null : (JSON.parse(output) as unknown), error, cause };
}

describe('the items of a distributed Map', () => {
  test.each([
    [
      'a CSV file',
      reader('orders.csv', { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW', MaxItems: 1 }),
      [{ id: '1', city: 'Ulm' }],
    ],
    ['a JSON file', reader('orders.json', { InputType: 'JSON' }), [{ id: 1 }, { id: 2 }]],
    ['a file of JSON lines', reader('orders.jsonl', { InputType: 'JSONL' }), [{ id: 1 }, { id: 2 }]],
  ])('come from %s', async (_what, ItemReader, items) => {
    expect(await run({ ItemReader })).toMatchObject({ status: 'SUCCEEDED', output: items });
  });

  test('are the objects of a bucket', async () => {
    const ItemReader = {
      Resource: 'arn:aws:states:::s3:listObjectsV2',
      Parameters: { Bucket: 'files', Prefix: 'orders.j' },
    };
    const { output } = await run({ ItemReader });
    expect(output).toMatchObject([{ Key: 'orders.json', Size: 22, StorageClass: 'STANDARD' }, { Key: 'orders.jsonl' }]);
  });

  test('cannot be read: the map run fails, and a Catcher may help', async () => {
    const failed = await run({ ItemReader: reader('nothing.json', { InputType: 'JSON' }) });
    expect(failed).toMatchObject({ status: 'FAILED', error: 'States.ItemReaderFailed' });
    const noArray = await run({ ItemReader: reader('no-array.json', { InputType: 'JSON' }) });
    expect(noArray).toMatchObject({ error: 'States.ItemReaderFailed' });
  });
});

test('items are selected, and then put together to batches', async () => {
  const { output } = await run(
    {
      ItemReader: reader('orders.csv', { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' }),
      ItemSelector: { 'to.$': '$$.Map.Item.Value.city' },
      ItemBatcher: { MaxItemsPerBatch: 2, BatchInput: { 'day.$': '$.day' } },
    },
    '{"day":"Monday"}',
  );
  const BatchInput = { day: 'Monday' };
  expect(output).toEqual([
    { BatchInput, Items: [{ to: 'Ulm' }, { to: 'Jena' }] },
    { BatchInput, Items: [{ to: 'Kiel' }] },
  ]);
});

test('a batch has no more bytes than allowed, but at least one item', async () => {
  const ItemBatcher = { MaxInputBytesPerBatch: 16 };
  const { output } = await run({ ItemBatcher, ItemsPath: '$.all' }, '{"all":[1,2,"a longer item than fits",3]}');
  expect(output).toEqual([{ Items: [1, 2] }, { Items: ['a longer item than fits'] }, { Items: [3] }]);
});

describe('a ResultWriter', () => {
  const writer = { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket: 'files', Prefix: 'results' } };

  async function written(key: string): Promise<string> {
    const response = await fetch(`${endpoint}/files/${key}`);
    return response.text();
  }

  test('writes the children with their outputs, and a manifest; its place is the result', async () => {
    const { output } = await run({ ItemsPath: '$.all', ResultWriter: writer }, '{"all":["a","b"]}');
    const { MapRunArn, ResultWriterDetails } = output as {
      MapRunArn: string;
      ResultWriterDetails: { Bucket: string; Key: string };
    };
    const folder = `results/${MapRunArn.split(':').at(-1)}`;
    expect(ResultWriterDetails).toEqual({ Bucket: 'files', Key: `${folder}/manifest.json` });
    const manifest = JSON.parse(await written(ResultWriterDetails.Key));
    const [{ Key }] = manifest.ResultFiles.SUCCEEDED;
    expect(manifest).toMatchObject({ DestinationBucket: 'files', MapRunArn, ResultFiles: { FAILED: [], PENDING: [] } });
    expect(JSON.parse(await written(Key))).toMatchObject([
      { Input: '"a"', Output: '"a"', Status: 'SUCCEEDED' },
      { Input: '"b"', Output: '"b"', Status: 'SUCCEEDED' },
    ]);
  });

  test('may only flatten the results', async () => {
    const ResultWriter = { WriterConfig: { Transformation: 'FLATTEN', OutputType: 'JSON' } };
    const { output } = await run({ ItemsPath: '$.all', ResultWriter }, '{"all":[[1,2],[3]]}');
    expect(output).toEqual([1, 2, 3]);
  });

  test('that cannot write fails the map run', async () => {
    const ResultWriter = { ...writer, Parameters: { Bucket: 'no-such-bucket' } };
    expect(await run({ ItemsPath: '$.all', ResultWriter }, '{"all":[1]}')).toMatchObject({
      status: 'FAILED',
      error: 'States.ResultWriterFailed',
    });
  });
});
