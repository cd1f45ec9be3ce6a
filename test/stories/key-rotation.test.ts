import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { eventually, type FrontDoor } from '../../examples/front-door.ts';
import { fillShelves, openLocalFrontDoor } from '../../examples/local-front-door.ts';
import { type LocalRuntime, startLocalRuntime } from '../../examples/local-runtime.ts';
import { readShelves } from '../../examples/seed-stock.ts';
import { placed } from '../support/story.ts';

/** Moves time: a runtime of its own, and one story that goes on from test to test. */
let runtime: LocalRuntime;
let door: FrontDoor;
let secrets: SecretsManagerClient;
let SecretId: string;
beforeAll(async () => {
  runtime = await startLocalRuntime({ assembly: inject('runtime').assembly });
  await fillShelves(runtime, await readShelves());
  door = await openLocalFrontDoor(runtime);
  secrets = new SecretsManagerClient({
    endpoint: runtime.awsEndpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const { SecretList } = await secrets.send(new ListSecretsCommand({}));
  SecretId = SecretList!.find(({ Name }) => Name!.includes('CallbackKeys'))!.ARN!;
});
afterAll(async () => {
  secrets.destroy();
  await runtime[Symbol.asyncDispose]();
});

async function keyIds(): Promise<string[]> {
  const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId }));
  const { current, ...keys } = JSON.parse(SecretString!);
  return [current, ...Object.keys(keys).filter((id) => id !== current)];
}

/** Asks for a rotation and waits until it is done. */
async function rotate(): Promise<void> {
  const [before] = await keyIds();
  await secrets.send(new RotateSecretCommand({ SecretId }));
  await eventually('a new key', async () => (await keyIds())[0] !== before || undefined);
  // Every function has a fresh copy of the keys after five minutes, without a deployment.
  await runtime.advance('6m');
}

async function newLink(): Promise<{ orderId: string; link: string }> {
  const orderId = await placed(door);
  return { orderId, link: await door.callbackLink(orderId, 'AwaitPicking') };
}
const kidOf = (link: string) => new URL(link).searchParams.get('kid');
const status = async (link: string) => (await fetch(link)).status;

describe('when the keys of callback links rotate', () => {
  test('links that were mailed before work on, until a second rotation drops their key; new ones work at once', async () => {
    const [first, answered] = [await newLink(), await newLink()];
    expect(kidOf(first.link)).toBe('k1');

    await rotate();
    expect(await keyIds()).toEqual(['k2', 'k1']);
    expect(await status(first.link)).toBe(200);
    expect((await door.answerByLink(answered.link, 'picked')).status).toBe(200);
    await door.orderIn(answered.orderId, 'confirmed');
    const second = await newLink();
    expect(kidOf(second.link)).toBe('k2');
    expect(await status(second.link)).toBe(200);

    await rotate();
    expect(await keyIds()).toEqual(['k3', 'k2']);
    expect(await status(first.link)).toBe(403);
    expect((await fetch(first.link, { method: 'POST', body: new URLSearchParams({ action: 'picked' }) })).status).toBe(
      403,
    );
    expect((await door.answerByLink(second.link, 'picked')).status).toBe(200);
    const third = await newLink();
    expect(kidOf(third.link)).toBe('k3');
    expect((await door.answerByLink(third.link, 'picked')).status).toBe(200);
  });

  test('nobody has to ask for it: the next one is due within thirty days', async () => {
    const { LastRotatedDate, NextRotationDate } = await secrets.send(new DescribeSecretCommand({ SecretId }));
    const days = (NextRotationDate!.getTime() - LastRotatedDate!.getTime()) / 86_400_000;
    expect(days).toBeGreaterThan(28);
    expect(days).toBeLessThanOrEqual(31);
  });
});
