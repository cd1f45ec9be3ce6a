import { expect, test } from 'vitest';
import { type FunctionDefinition, parseFunctionName, resolveFunction } from '../../../../local/aws/lambda/functions.ts';

const place = { account: '000000000000', region: 'us-east-1', partition: 'aws' };
const charge: FunctionDefinition = {
  functionName: 'charge',
  handler: 'index.handler',
  codeDir: '/new',
  environment: {},
  timeoutSeconds: 3,
  memoryMb: 128,
  versions: { '1': { codeDir: '/old' }, '2': {} },
  aliases: { live: '1', next: '$LATEST' },
};
const resolve = (name: string, qualifier?: string) =>
  resolveFunction(new Map([[charge.functionName, charge]]), place, name, qualifier);

test.each([
  ['charge', undefined],
  ['charge:live', 'live'],
  ['000000000000:function:charge', undefined],
  ['function:charge:2', '2'],
  ['arn:aws:lambda:us-east-1:000000000000:function:charge', undefined],
  ['arn:aws:lambda:us-east-1:000000000000:function:charge:$LATEST', '$LATEST'],
])('%s names a function', (text, qualifier) => {
  expect(parseFunctionName(text)).toEqual({ functionName: 'charge', ...(qualifier && { qualifier }) });
});

test.each(['', 'a b', 'arn:aws:states:us-east-1:000000000000:function:x', 'charge:live:1'])('%j names none', (text) => {
  expect(() => parseFunctionName(text)).toThrow(expect.objectContaining({ name: 'ValidationException' }));
});

test('a version keeps its own code, an alias leads to a version, and the ARN is the one that the caller used', () => {
  expect(resolve('charge')).toMatchObject({ version: '$LATEST', configuration: { codeDir: '/new' } });
  expect(resolve('charge:1')).toMatchObject({ version: '1', configuration: { codeDir: '/old', memoryMb: 128 } });
  expect(resolve('charge', '2')).toMatchObject({ version: '2', configuration: { codeDir: '/new' } });
  expect(resolve('charge', 'live')).toMatchObject({
    version: '1',
    configuration: { codeDir: '/old' },
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:charge:live',
  });
  expect(resolve('charge:next').version).toBe('$LATEST');
});

test.each([['refund'], ['charge:3'], ['charge:other']])('%s is not found', (name) => {
  expect(() => resolve(name)).toThrow(expect.objectContaining({ name: 'ResourceNotFoundException', statusCode: 404 }));
});
