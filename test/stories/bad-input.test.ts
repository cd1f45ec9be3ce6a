import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import type { FrontDoor } from '../../examples/front-door.ts';
import { anOrder, sharedDoor } from '../support/story.ts';

let door: FrontDoor;
beforeAll(async () => {
  door = await sharedDoor();
});

const line = { sku: 'TEA-ASSAM', quantity: 1, unitPriceMinor: 899 };
const key = () => ({ 'idempotency-key': randomUUID() });
const post = (body: unknown, headers: Record<string, string> = key()) => door.request('POST', '/orders', body, headers);

describe('an order that cannot be taken gets a problem that says where and why', () => {
  test.each<[string, () => ReturnType<typeof post>, number, string?]>([
    ['without an Idempotency-Key', () => post(anOrder(), {}), 400],
    ['with a malformed Idempotency-Key', () => post(anOrder(), { 'idempotency-key': 'x'.repeat(300) }), 400],
    ['with an unknown field', () => post({ ...anOrder(), discount: 5 }), 400, '/discount'],
    ['with quantity zero', () => post(anOrder({ lines: [{ ...line, quantity: 0 }] })), 400, '/lines/0/quantity'],
    ['with a negative quantity', () => post(anOrder({ lines: [{ ...line, quantity: -1 }] })), 400, '/lines/0/quantity'],
    [
      'with a fraction of a minor unit',
      () => post(anOrder({ lines: [{ ...line, unitPriceMinor: 8.99 }] })),
      400,
      '/lines/0/unitPriceMinor',
    ],
    [
      'with more lines than allowed',
      () => post(anOrder({ lines: Array.from({ length: 5_001 }, (_, n) => ({ ...line, sku: `SKU-${n}` })) })),
      400,
      '/lines',
    ],
    ['with an unknown currency', () => post(anOrder({ currency: 'XXZ' })), 400, '/currency'],
    [
      'with half of a character',
      () => post(JSON.stringify(anOrder()).replaceAll('Ada Byron', 'Ada \\ud83d')),
      400,
      '/customer/name',
    ],
    ['that is broken JSON', () => post('{"customer": '), 400],
    ['with another content type', () => post('<order/>', { ...key(), 'content-type': 'application/xml' }), 415],
    ['of 2 MB', () => post({ ...anOrder(), note: 'x'.repeat(2 * 1024 * 1024) }), 413],
    ['nested ten thousand deep', () => post(`${'['.repeat(10_000)}${']'.repeat(10_000)}`), 400],
  ])('%s', async (_, send, status, pointer) => {
    const answer = await send();
    expect(answer.status, JSON.stringify(answer.body)).toBe(status);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    if (pointer) expect(JSON.stringify(answer.body)).toContain(pointer);
  });

  test('an order that does not exist is a 404 wherever it is asked for', async () => {
    for (const [method, path] of [
      ['GET', '/orders/ord_nosuchorder'],
      ['GET', '/orders/ord_nosuchorder/events'],
      ['POST', '/orders/ord_nosuchorder/cancellation'],
    ] as const) {
      const answer = await door.request(method, path, method === 'POST' ? {} : undefined);
      expect(answer.status, path).toBe(404);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
    }
  });

  test('a caller without a signature is refused', async () => {
    expect((await fetch(`${inject('runtime').outputs.ApiUrl}/orders`)).status).toBe(403);
  });
});
