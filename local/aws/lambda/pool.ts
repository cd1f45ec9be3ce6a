/**
 * The execution environments of one function version, and the invocations that wait for one. On a laptop one warm process per function
 * is the fastest there is, as long as invocations are short: a start costs as much CPU as a hundred of them, and code that runs in
 * one process is optimised sooner than in four. A further environment is started
 * - when all that there are have been busy with one invocation for long: they wait for something else than the CPU;
 * - when the queue was not empty for as long as a start takes, while the machine had cores to spare.
 */
import type { Environment, EnvironmentEvents, Invocation, Outcome } from './environment.ts';

export interface PoolOptions {
  /** Most environments. */
  cap: number;
  /** An environment that had nothing to do for so long is ended. */
  idleMs: number;
  start(events: EnvironmentEvents): Environment;
  /** The share of the machine's cores, 0 to 1, that had nothing to do since it was asked last. */
  idleCpu(): number;
}

export interface Pool {
  submit(invocation: Invocation): void;
  /** Takes back an invocation that no environment has begun. False: too late. */
  withdraw(invocation: Invocation): boolean;
  /** Starts the first environment if there is none. */
  warm(): void;
  /** Ends what was idle for too long. */
  reap(): void;
  /** Ends every environment there is, busy ones after their invocation: what comes next starts cold. */
  renew(): void;
  environments(): Environment[];
  /** Fails everything in hand and in the queue with `error`; resolves when all processes are gone. */
  stop(error: Error): Promise<void>;
}

interface Member {
  environment: Environment;
  state: 'starting' | 'idle' | 'busy';
  /** performance.now() at the last change of state. */
  since: number;
  /** Does not get another invocation. */
  outdated: boolean;
}

/** Guess of the first start; measured from then on. */
const firstStartMs = 250;
/** With 64 processes in flight on two cores a step of 20 ms takes 300 ms. */
const longMs = 1_000;
const recheckMs = 50;
const spareCpu = 0.25;

export function createPool({ cap, idleMs, start, idleCpu }: PoolOptions): Pool {
  const queue: Invocation[] = [];
  const members = new Set<Member>();
  /** Last in, first out: what is not needed grows cold and is reaped. */
  const idle: Member[] = [];
  let startMs = firstStartMs;
  let meanMs = 0;
  let recheck: NodeJS.Timeout | undefined;
  let stopped = false;
  /** Since when the queue was never empty. */
  let backlogSince: number | undefined;

  function dispatch(): void {
    while (queue.length > 0 && idle.length > 0) {
      const member = idle.pop()!;
      member.state = 'busy';
      member.since = performance.now();
      member.environment.run(queue.shift()!);
    }
    scale();
  }

  function scale(): void {
    if (queue.length === 0) backlogSince = undefined;
    if (stopped || queue.length === 0 || members.size >= cap) return;
    if (wanted() > members.size || hasLastingBacklog()) addMember();
    // Something that runs for long is only known by its running: look again.
    recheck ??= setTimeout(() => {
      recheck = undefined;
      scale();
    }, recheckMs);
  }

  function hasLastingBacklog(): boolean {
    const now = performance.now();
    if (backlogSince !== undefined && now - backlogSince < startMs) return false;
    const lasted = backlogSince !== undefined;
    backlogSince = now;
    return idleCpu() > spareCpu && lasted;
  }

  function wanted(): number {
    let shortestMs = Number.POSITIVE_INFINITY;
    let ready = 0;
    const now = performance.now();
    for (const member of members) {
      if (member.state === 'starting') continue;
      ready++;
      shortestMs = Math.min(shortestMs, Math.max(meanMs, now - member.since));
    }
    if (ready === 0) return 1;
    return shortestMs > Math.max(startMs, longMs) ? ready + 1 : ready;
  }

  function addMember(): void {
    const startedAt = performance.now();
    const environment = start({
      ready() {
        const now = performance.now();
        if (member.state === 'starting') startMs = now - startedAt;
        else meanMs += (now - member.since - meanMs) / 8;
        member.state = 'idle';
        member.since = now;
        if (member.outdated) return environment.kill();
        idle.push(member);
        dispatch();
      },
      ended(initFailure) {
        members.delete(member);
        const at = idle.indexOf(member);
        if (at >= 0) idle.splice(at, 1);
        if (initFailure) failQueued(initFailure);
        scale();
      },
    });
    const member: Member = { environment, state: 'starting', since: startedAt, outdated: false };
    members.add(member);
  }

  /** Code that cannot be loaded fails everyone who waits for it, unless another environment did load it. */
  function failQueued(failure: Outcome): void {
    const failed = members.size === 0 ? queue.splice(0) : queue.splice(0, 1);
    for (const invocation of failed) invocation.settle(failure);
  }

  return {
    submit(invocation) {
      queue.push(invocation);
      dispatch();
    },
    withdraw(invocation) {
      const at = queue.indexOf(invocation);
      if (at >= 0) queue.splice(at, 1);
      return at >= 0;
    },
    warm() {
      if (members.size === 0) addMember();
    },
    reap() {
      const before = performance.now() - idleMs;
      for (const member of idle.filter(({ since }) => since <= before)) {
        idle.splice(idle.indexOf(member), 1);
        member.environment.kill();
      }
    },
    renew() {
      for (const member of members) member.outdated = true;
      for (const { environment } of idle.splice(0)) environment.kill();
    },
    environments: () => [...members].map(({ environment }) => environment),
    async stop(error) {
      stopped = true;
      clearTimeout(recheck);
      for (const invocation of queue.splice(0)) invocation.fail(error);
      await Promise.all(Array.from(members, ({ environment }) => environment.stop(error)));
    },
  };
}
