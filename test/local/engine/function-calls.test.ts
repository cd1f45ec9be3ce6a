import { expect, test } from 'vitest';
import { createFunctionCalls } from '../../../local/engine/function-calls.ts';
import type { FunctionResult } from '../../../local/engine/ports.ts';

test('calls are counted by function and version, whatever a function is called by, and failures are told', async () => {
  let now = 1000;
  const calls = createFunctionCalls({ now: () => now });
  let told = 0;
  calls.onFailure(() => (told += 1));
  const answer: FunctionResult = { statusCode: 200, payload: '{}', executedVersion: '7', requestId: 'r' };
  const invoke = calls.counting(async (_, payload) =>
    payload === 'bad' ? { ...answer, functionError: 'Unhandled' } : answer,
  );
  await invoke('arn:aws:lambda:us-east-1:000000000000:function:charge:7', 'good');
  now = 2000;
  await invoke('charge:7', 'bad');
  await invoke('other', 'bad');
  const of = (failed: boolean, since = 0) => calls.times({ functionName: 'charge', version: '7', failed, since });
  expect(of(false)).toEqual([1000, 2000]);
  expect(of(true)).toEqual([2000]);
  expect(of(false, 1500)).toEqual([2000]);
  expect(calls.times({ functionName: 'charge', version: '8', failed: false, since: 0 })).toEqual([]);
  expect(told).toBe(2);
});

test('a call that the service itself refuses is none', async () => {
  const calls = createFunctionCalls({ now: () => 0 });
  const invoke = calls.counting(() => Promise.reject(new Error('Rate Exceeded.')));
  await expect(invoke('charge', '{}')).rejects.toThrow('Rate Exceeded.');
  expect(calls.times({ functionName: 'charge', failed: false, since: 0 })).toEqual([]);
});
