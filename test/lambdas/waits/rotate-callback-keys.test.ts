import { randomUUID } from 'node:crypto';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { parseCallbackKeys, signCallback, verifyCallback } from '../../../lambdas/domain/callback-signature.ts';
import { captureLogs } from '../../support/captured-logs.ts';
import { startFakeSecret } from '../../support/fake-secret.ts';
import { lambdaContext } from '../../support/http-event.ts';

const first = JSON.stringify({ current: 'k1', k1: 'a'.repeat(64) });
const secret = await startFakeSecret();
const logsOf = captureLogs();
const { handler } = await import('../../../lambdas/waits/rotate-callback-keys.ts');

afterAll(secret.stop);
beforeEach(() => secret.reset(first));

const steps = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;
const run = (Step: string, ClientRequestToken: string) =>
  (handler as (event: unknown, context: unknown) => Promise<void>)(
    { Step, SecretId: 'callback-keys', ClientRequestToken },
    lambdaContext,
  );

async function rotate(token = randomUUID()): Promise<string> {
  secret.begin(token);
  for (const step of steps) await run(step, token);
  return token;
}

const link = { waitId: 'o#w', actions: ['picked'], approver: 'warehouse', generation: 0, expiresAtSeconds: 1 };
const linkNow = () => signCallback('https://x.example', link, parseCallbackKeys(secret.current())).split('?')[1]!;
const isValid = (query: string) => verifyCallback('o#w', query, parseCallbackKeys(secret.current())) !== undefined;

describe('a rotation', () => {
  it('makes a new key that signs; the one before still verifies, older ones are gone', async () => {
    const links = [linkNow()];
    await rotate();
    links.push(linkNow());
    expect(links.map(isValid)).toEqual([true, true]);
    await rotate();
    links.push(linkNow());
    expect(links.map(isValid)).toEqual([false, true, true]);
    const { current, keys } = parseCallbackKeys(secret.current());
    expect([current, ...keys.keys()]).toEqual(['k3', 'k3', 'k2']);
    expect(new Set(keys.values()).size).toBe(2);
    for (const key of keys.values()) expect(key).toMatch(/^[\w-]{64}$/);
  });

  it('changes nothing for anybody until its last step', async () => {
    const token = randomUUID();
    secret.begin(token);
    for (const step of steps.slice(0, 3)) {
      await run(step, token);
      expect(secret.current()).toBe(first);
    }
  });

  it('may have every step any number of times, also when it is over', async () => {
    const token = randomUUID();
    secret.begin(token);
    for (const step of steps) for (let i = 0; i < 3; i++) await run(step, token);
    const after = secret.current();
    expect(parseCallbackKeys(after).current).toBe('k2');
    for (const step of steps) await run(step, token);
    expect(secret.current()).toBe(after);
    expect(secret.versions.size).toBe(2);
  });

  it('survives a power cut before and after every single call of every step', async () => {
    const token = await rotate();
    const perRotation = secret.calls.length;
    expect(perRotation).toBeGreaterThan(8);
    expect(token).toBeDefined();
    for (let n = 0; n < perRotation; n++) {
      for (const when of ['before', 'after'] as const) {
        const mailed = linkNow();
        const id = randomUUID();
        secret.begin(id);
        secret.cutAt(n, when);
        let cuts = 0;
        for (const step of steps) {
          await run(step, id).catch(async () => {
            cuts += 1;
            await run(step, id);
          });
        }
        expect(cuts).toBeLessThanOrEqual(1);
        expect(isValid(mailed)).toBe(true);
        expect(parseCallbackKeys(secret.current()).keys.size).toBe(2);
        expect(isValid(linkNow())).toBe(true);
      }
    }
  });

  it('that was given up half way leaves nothing that the next one minds', async () => {
    const lost = randomUUID();
    secret.begin(lost);
    await run('createSecret', lost);
    const mailed = linkNow();
    await rotate();
    expect(isValid(mailed)).toBe(true);
    expect(parseCallbackKeys(secret.current()).keys.size).toBe(2);
  });

  it('does not replace keys that somebody has changed by hand meanwhile', async () => {
    const token = randomUUID();
    secret.begin(token);
    for (const step of steps.slice(0, 3)) await run(step, token);
    const byHand = JSON.stringify({ current: 'k9', k9: 'b'.repeat(64) });
    secret.putByHand(byHand);
    await expect(run('finishSecret', token)).rejects.toThrow('a link of key k9 would not be valid after the rotation');
    expect(secret.current()).toBe(byHand);
    // The next rotation starts from there, and no id comes twice.
    const mailed = linkNow();
    await rotate();
    expect(isValid(mailed)).toBe(true);
    expect(parseCallbackKeys(secret.current()).current).toBe('k10');
  });

  it('can be tried out with the value as it is, as Secrets Manager does when the schedule is made', async () => {
    const token = randomUUID();
    secret.begin(token);
    secret.versions.get(token)!.text = first;
    await run('testSecret', token);
    expect(secret.current()).toBe(first);
  });

  it('cannot finish without a value, or with one that is no set of keys', async () => {
    const token = randomUUID();
    secret.begin(token);
    await expect(run('finishSecret', token)).rejects.toThrow('no value');
    secret.versions.get(token)!.text = '{"current":"k2"}';
    await expect(run('testSecret', token)).rejects.toThrow('names no key');
    await expect(run('finishSecret', token)).rejects.toThrow('names no key');
    expect(secret.current()).toBe(first);
  });

  it('knows four steps and no other', async () => {
    await expect(run('deleteSecret', randomUUID())).rejects.toThrow();
    expect(secret.calls).toEqual([]);
  });

  it('writes no key into any log line', async () => {
    const logs = await logsOf(async () => {
      await rotate();
      await run('nothing', 'x').catch(() => undefined);
    });
    expect(logs).toContain('finishSecret');
    for (const key of parseCallbackKeys(secret.current()).keys.values()) expect(logs).not.toContain(key);
  });
});
