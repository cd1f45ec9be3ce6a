import { expect, test } from 'vitest';
import { createTaskTokens } from '../../../local/engine/task-token.ts';

const key = Buffer.alloc(32, 1);
const address = {
  executionArn: 'arn:aws:states:us-east-1:000000000000:execution:m:x',
  executionStartedAt: 7,
  taskId: '0.1#12',
};

test('a token leads back to its task', () => {
  const tokens = createTaskTokens(key);
  expect(tokens.read(tokens.mint(address))).toEqual(address);
});

test('a token of another state folder, a changed token and plain nonsense are nobody’s', () => {
  const tokens = createTaskTokens(key);
  const token = tokens.mint(address);
  const other = createTaskTokens(Buffer.alloc(32, 2)).mint(address);
  const bytes = Buffer.from(token, 'base64url');
  bytes[bytes.length - 1]! ^= 1;
  for (const forged of [other, bytes.toString('base64url'), token.slice(0, 20), '', 'nonsense']) {
    expect(tokens.read(forged)).toBeUndefined();
  }
});
