/** The local runtime with a meter on its DynamoDB and its functions. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mailContext } from '../examples/local-front-door.ts';
import { type LocalRuntime, startLocalRuntime } from '../examples/local-runtime.ts';
import { startDynoxide } from '../local/aws/dynamodb/dynoxide.ts';
import { findDynamoDb } from '../local/aws/dynamodb/find-binary.ts';
import { keptOrFreePort } from '../local/free-port.ts';
import { readText } from '../local/read-text.ts';

export interface Meter {
  writeUnits: number;
  readUnits: number;
}

export interface MeteredRuntime extends AsyncDisposable {
  runtime: LocalRuntime;
  meter: Meter;
}

export async function startMeteredRuntime(): Promise<MeteredRuntime> {
  await using opening = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'waybill-metered-'));
  opening.defer(() => rm(directory, { recursive: true, force: true }));

  const found = findDynamoDb(process.env);
  if (!('binary' in found)) throw new Error('the meter stands in front of a DynamoDB that it starts itself');
  const port = await keptOrFreePort(undefined);
  const dynamodb = await startDynoxide({ binary: found.binary, directory, port, warn: console.warn });
  opening.defer(() => dynamodb.stop());

  const meter: Meter = { writeUnits: 0, readUnits: 0 };
  const proxy = createServer(async (request, response) => {
    const target = String(request.headers['x-amz-target'] ?? '');
    const isData = target.startsWith('DynamoDB_20120810.') && /Item|Query|Scan/.test(target);
    const sent = (await readText(request, Number.POSITIVE_INFINITY)) ?? '';
    const body = isData ? JSON.stringify({ ...JSON.parse(sent), ReturnConsumedCapacity: 'TOTAL' }) : sent;
    const answer = await fetch(`http://127.0.0.1:${port}/`, {
      method: 'POST',
      headers: Object.fromEntries(passedOn.map((name) => [name, String(request.headers[name] ?? '')])),
      body,
    });
    const text = await answer.text();
    if (isData) count(meter, target, text);
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' }).end(text);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  opening.defer(() => void proxy.close());

  const runtime = opening.use(
    await startLocalRuntime({
      context: mailContext,
      env: { DYNAMODB_ENDPOINT: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` },
    }),
  );
  const opened = opening.move();
  return { runtime, meter, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

const passedOn = ['content-type', 'x-amz-target', 'x-amz-date', 'authorization'];
('AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0');

/** A refused conditional write is billed too, but its answer does not say how much: such writes are rare on the happy path. */
function count(meter: Meter, target: string, answer: string): void {
  const { ConsumedCapacity } = JSON.parse(answer) as { ConsumedCapacity?: Consumed | Consumed[] };
  const units = [ConsumedCapacity ?? []].flat().reduce((sum, { CapacityUnits }) => sum + CapacityUnits, 0);
  if (/Get|Query|Scan/.test(target)) meter.readUnits += units;
  else meter.writeUnits += units;
}

interface Consumed {
  CapacityUnits: number;
}
