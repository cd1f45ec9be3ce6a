import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';

export interface TaskAddress {
  executionArn: string;
  /** Tells a later execution with the same name from this one. */
  executionStartedAt: number;
  taskId: string;
}

export interface TaskTokens {
  mint(address: TaskAddress): string;
  /** Undefined for anything that `mint` did not make with the same key. */
  read(token: string): TaskAddress | undefined;
}

const macBytes = 24;

/**
 * A token says by itself which task it belongs to, so that nothing has to be searched, and nobody without the key of the
 * state folder can make one: base64url of a MAC (192 bits of HMAC-SHA256) and the address.
 */
export function createTaskTokens(key: Buffer): TaskTokens {
  const secret = createSecretKey(key);
  const mac = (address: Buffer) => createHmac('sha256', secret).update(address).digest().subarray(0, macBytes);
  return {
    mint({ executionArn, executionStartedAt, taskId }) {
      const address = Buffer.from(`${executionStartedAt}\n${executionArn}\n${taskId}`);
      return Buffer.concat([mac(address), address]).toString('base64url');
    },
    read(token) {
      const bytes = Buffer.from(token, 'base64url');
      if (bytes.length <= macBytes) return undefined;
      const address = bytes.subarray(macBytes);
      if (!timingSafeEqual(mac(address), bytes.subarray(0, macBytes))) return undefined;
      const [startedAt, executionArn, ...taskId] = address.toString().split('\n');
      return { executionStartedAt: Number(startedAt), executionArn: executionArn ?? '', taskId: taskId.join('\n') };
    },
  };
}
