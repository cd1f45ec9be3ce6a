/**
 * Rotations: a Lambda of the app takes a secret through four steps, on the schedule of the secret or when it is asked for. What of a
 * rotation has begun is in the file before the first step, so that after a crash it is tried again with the same version id; until
 * the last step has moved AWSCURRENT, readers get the old value.
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
 */
import { randomUUID } from 'node:crypto';
import { type Clock, type FunctionInvoker, ServiceError } from '../../engine/ports.ts';
import { nextRotation } from './rotation-rules.ts';
import type { Rotation, Secret } from './secret.ts';
import type { SecretStore } from './secret-store.ts';
import { addVersion, current, hasValue, pending, versionWith } from './versions.ts';

export interface Rotations {
  /** Begins a rotation, or with `test` the trial of a new configuration; what has begun is stored when it returns. */
  begin(secret: Secret, kind: 'rotate' | 'test', token?: string): void;
  /** Ends the trial of a configuration, if there is one, and takes its version away. */
  abandonTrial(secret: Secret): void;
  /** A rotation that waits for its next attempt is tried now. */
  hurry(secret: Secret): void;
  /** Call it when the schedule, or what it counts from, has changed. */
  reschedule(secret: Secret): void;
  /** From here on functions can be called. */
  start(): void;
  /** Resolves when no attempt is under way; true if it had to wait. For the clock, which lets work end before it moves on. */
  settle(): Promise<boolean>;
  stop(): void;
}

export interface RotationsOptions {
  store: SecretStore;
  clock: Clock;
  functions: FunctionInvoker;
  /** A sentence for people: an attempt that failed. */
  warn(message: string): void;
}

const steps = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;
/** Before the second attempt; four times as long before each further one, at most a day. */
const firstRetryMs = 60_000;
const longestRetryMs = 86_400_000;

export function createRotations({ store, clock, functions, warn }: RotationsOptions): Rotations {
  /** By ARN of the secret. */
  const timers = new Map<string, Disposable>();
  const inHand = new Map<string, Promise<void>>();
  let running = false;

  function arm(secret: Secret): void {
    timers.get(secret.arn)?.[Symbol.dispose]();
    timers.delete(secret.arn);
    const { rotation } = secret;
    const dueAt = rotation?.underWay?.dueAt ?? (rotation?.enabled ? rotation.nextAt : undefined);
    if (!running || dueAt === undefined || inHand.has(secret.arn)) return;
    if (dueAt <= clock.now()) go(secret);
    else
      timers.set(
        secret.arn,
        clock.at(dueAt, () => go(secret)),
      );
  }

  function go(secret: Secret): void {
    const { rotation } = secret;
    if (!running || !rotation) return;
    if (!rotation.underWay) {
      // What an earlier rotation has left behind is finished first, as the service does.
      begin(secret, 'rotate', versionWith(secret, pending)?.[0]);
      return;
    }
    const done = attempt(secret, rotation).then(
      () => {
        inHand.delete(secret.arn);
        arm(secret);
      },
      (error) => {
        // The runtime ends, or has a defect: to try again now would be to try without end.
        inHand.delete(secret.arn);
        if (running) warn(`The rotation of ${secret.name} is kept for the next start: ${error}`);
      },
    );
    inHand.set(secret.arn, done);
  }

  function begin(secret: Secret, kind: 'rotate' | 'test', token: string = randomUUID()): void {
    const now = clock.now();
    const rotation = secret.rotation!;
    rotation.underWay = { token, rotationToken: randomUUID(), kind, failures: 0, dueAt: now };
    // The service makes the version before the function is called; for a trial there has to be something to try.
    const { secretString, secretBinary } = versionWith(secret, current)?.[1] ?? {};
    const value =
      kind === 'test' ? { ...(secretString && { secretString }), ...(secretBinary && { secretBinary }) } : {};
    if (!secret.versions[token]) addVersion(secret, token, value, [pending], now);
    store.save();
    arm(secret);
  }

  async function attempt(secret: Secret, rotation: Rotation): Promise<void> {
    const { token, kind } = rotation.underWay!;
    const failure = await (kind === 'test' ? step(secret, rotation, 'testSecret') : takeSteps(secret, rotation));
    const { underWay } = rotation;
    // Cancelled meanwhile.
    if (underWay?.token !== token) return;
    const now = clock.now();
    if (kind === 'test') {
      abandonTrial(secret);
      if (failure) warn(`The rotation of ${secret.name} is set up, but its trial failed: ${failure}`);
    } else if (failure) {
      underWay.failures++;
      const delayMs = Math.min(firstRetryMs * 4 ** (underWay.failures - 1), longestRetryMs);
      underWay.dueAt = now + delayMs;
      warn(`The rotation of ${secret.name} failed and is tried again in ${delayMs / 60_000} min: ${failure}`);
    } else {
      rotation.lastRotatedAt = now;
      setNext(rotation, now);
      delete rotation.underWay;
    }
    store.save();
  }

  function abandonTrial({ rotation, versions }: Secret): void {
    if (rotation?.underWay?.kind !== 'test') return;
    delete versions[rotation.underWay.token];
    delete rotation.underWay;
  }

  /** Undefined: done. */
  async function takeSteps(secret: Secret, rotation: Rotation): Promise<string | undefined> {
    const { token } = rotation.underWay!;
    for (const name of steps) {
      // Cancelled.
      if (rotation.underWay?.token !== token) return undefined;
      const failure = await step(secret, rotation, name);
      if (failure) return failure;
      const version = secret.versions[token];
      if (name === 'createSecret' && !(version && hasValue(version))) {
        return `Pending secret version ${token} for Secret ${secret.arn} was not created by Lambda ${rotation.lambdaArn}.`;
      }
    }
    const isCurrent = secret.versions[token]?.stages.includes(current);
    return isCurrent ? undefined : `finishSecret has not moved ${current} to version ${token}.`;
  }

  async function step(secret: Secret, rotation: Rotation, name: string): Promise<string | undefined> {
    const { token, rotationToken } = rotation.underWay!;
    const event = { Step: name, SecretId: secret.arn, ClientRequestToken: token, RotationToken: rotationToken };
    try {
      const { functionError, payload } = await functions.invoke(rotation.lambdaArn, JSON.stringify(event));
      return functionError && `${name}: ${payload}`;
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      return `${name}: ${error.name}: ${error.message}`;
    }
  }

  return {
    begin,
    abandonTrial,
    hurry(secret) {
      if (secret.rotation?.underWay) secret.rotation.underWay.dueAt = clock.now();
      arm(secret);
    },
    reschedule(secret) {
      if (secret.rotation) setNext(secret.rotation, clock.now());
      arm(secret);
    },
    start() {
      running = true;
      for (const secret of store.all) arm(secret);
    },
    async settle() {
      if (inHand.size === 0) return false;
      await Promise.all(inHand.values());
      return true;
    },
    stop() {
      running = false;
      for (const timer of timers.values()) timer[Symbol.dispose]();
    },
  };
}

function setNext(rotation: Rotation, lastAt: number): void {
  const nextAt = rotation.enabled ? nextRotation(rotation.rules, lastAt) : undefined;
  if (nextAt === undefined) delete rotation.nextAt;
  else rotation.nextAt = nextAt;
}
