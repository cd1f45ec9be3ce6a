import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { createWire } from '../../../local/aws/wire.ts';
import { ServiceError } from '../../../local/engine/ports.ts';

async function withWire(run: (url: string, wire: ReturnType<typeof createWire>) => Promise<void>): Promise<void> {
  const wire = createWire();
  wire.service({
    target: 'Things',
    version: '1.1',
    operations: {
      Echo: (input) => input,
      Refuse: () => {
        throw new ServiceError('NotToday', 'come back tomorrow', 409);
      },
      Break: () => {
        throw new TypeError('a bug');
      },
    },
  });
  try {
    await run(await wire.listen(0), wire);
  } finally {
    await wire.stop();
  }
}

const post = (url: string, target: string, body: string) =>
  fetch(url, { method: 'POST', body, headers: { 'x-amz-target': target } });

test('an operation gets the JSON and its answer goes back with the service’s content type and a request id', () =>
  withWire(async (url) => {
    const response = await post(url, 'Things.Echo', '{"a":1}');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/x-amz-json-1.1');
    expect(response.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
    expect(await response.json()).toEqual({ a: 1 });
  }));

test.each([
  ['Things.Refuse', '{}', 409, 'NotToday', 'come back tomorrow'],
  ['Things.Break', '{}', 500, 'InternalFailure', 'TypeError: a bug'],
  ['Things.Nothing', '{}', 400, 'UnknownOperationException', 'This runtime does not support Things.Nothing.'],
  ['Things.toString', '{}', 400, 'UnknownOperationException', 'This runtime does not support Things.toString.'],
  ['Nobody.Echo', '{}', 400, 'UnknownOperationException', 'This runtime does not support Nobody.Echo.'],
  ['Things.Echo', '{"a"', 400, 'SerializationException', 'The request is not a JSON object.'],
  ['Things.Echo', '[]', 400, 'SerializationException', 'The request is not a JSON object.'],
])('%s with %s is answered %i %s', (target, body, status, type, message) =>
  withWire(async (url) => {
    const response = await post(url, target, body);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ __type: type, message });
  }),
);

test('a forwarded service gets the request with its body unread', () =>
  withWire(async (url, wire) => {
    wire.forward('Other_2012', async (request, response) => {
      request.pipe(response);
      return true;
    });
    expect(await (await post(url, 'Other_2012.Anything', 'as it is')).text()).toBe('as it is');
  }));

test('a request without target goes to the first route that takes it', () =>
  withWire(async (url, wire) => {
    wire.route(async () => false);
    wire.route(async (request, response) => {
      if (request.url !== '/_local/health') return false;
      response.end('well');
      return true;
    });
    expect(await (await fetch(`${url}/_local/health`)).text()).toBe('well');
    expect((await fetch(`${url}/elsewhere`)).status).toBe(404);
  }));

test.each([
  [{ host: 'evil.example' }, 403],
  [{ host: 'localhost:1', origin: 'https://evil.example' }, 403],
  [{ host: 'localhost:1' }, 200],
])('a request with %o is answered %i before anything is asked to answer it', (headers, status) =>
  withWire(async (url, wire) => {
    const asked: string[] = [];
    wire.route(async ({ url: path = '' }, response) => {
      asked.push(path);
      return Boolean(response.end('{}'));
    });
    const call = request(`${url}/_local/deploy`, { method: 'POST', headers });
    call.end('{"assemblyDir":"/tmp/evil"}');
    const [response] = await once(call, 'response');
    const answer = await text(response);
    expect(response.statusCode).toBe(status);
    expect(asked).toEqual(status === 200 ? ['/_local/deploy'] : []);
    if (status === 403)
      expect(JSON.parse(answer).message).toMatch(/^Only programs on this machine may ask.*evil.example/);
  }),
);

test('requests that come before everything is registered wait, and are then answered by what was registered', async () => {
  const wire = createWire();
  const complete = Promise.withResolvers<void>();
  const url = await wire.listen(0, complete.promise);
  const early = [post(url, 'Late.Echo', '{"a":1}'), fetch(`${url}/late`)];
  wire.service({ target: 'Late', version: '1.0', operations: { Echo: (input) => input } });
  wire.route(async (_, response) => Boolean(response.end('here')));
  complete.resolve();
  const answers = await Promise.all(early);
  expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(['{"a":1}', 'here']);
  await wire.stop();
});
