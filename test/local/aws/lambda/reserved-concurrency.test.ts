import { expect, test } from 'vitest';
import type { FunctionDefinition } from '../../../../local/aws/lambda/functions.ts';
import { openReservedConcurrency } from '../../../../local/aws/lambda/reserved-concurrency.ts';
import { checkpointsInMemory } from '../../../support/checkpoints.ts';

const functions = (reservedConcurrency?: number): FunctionDefinition[] => [
  {
    ...{
      functionName: 'fn',
      handler: 'index.handler',
      codeDir: '/',
      environment: {},
      timeoutSeconds: 3,
      memoryMb: 128,
    },
    ...(reservedConcurrency !== undefined && { reservedConcurrency }),
  },
];

test('what was put holds over a restart, until the template changes its number', async () => {
  const store = checkpointsInMemory();
  await openReservedConcurrency(functions(7), store).put('fn', 0);
  expect(openReservedConcurrency(functions(7), store).of('fn')).toBe(0);
  expect(openReservedConcurrency(functions(8), store).of('fn')).toBe(8);
  expect(openReservedConcurrency(functions(), store).of('fn')).toBeUndefined();
});

test('what was taken away stays away over a restart', async () => {
  const store = checkpointsInMemory();
  await openReservedConcurrency(functions(7), store).delete('fn');
  expect(openReservedConcurrency(functions(7), store).of('fn')).toBeUndefined();
});

test('what was put holds when the functions are replaced, until the template changes its own number', async () => {
  const fn = (functionName: string, reservedConcurrency?: number) => ({
    functionName,
    handler: 'index.handler',
    codeDir: '/',
    environment: {},
    timeoutSeconds: 3,
    memoryMb: 128,
    ...(reservedConcurrency !== undefined && { reservedConcurrency }),
  });
  const reserved = openReservedConcurrency([fn('a', 5), fn('b')]);
  await reserved.put('a', 7);
  reserved.follow([fn('a', 5), fn('b', 3), fn('c', 2)]);
  expect(['a', 'b', 'c'].map(reserved.of)).toEqual([7, 3, 2]);
  reserved.follow([fn('a', 6)]);
  expect(['a', 'b'].map(reserved.of)).toEqual([6, undefined]);
});
