/** One run: orders are placed and played while the runtime is broken and killed, time is moved until all have ended, and the books are added up. */
import { setTimeout as delay } from 'node:timers/promises';
import { DescribeExecutionCommand, paginateListExecutions, SFNClient } from '@aws-sdk/client-sfn';
import { fillShelves, localClient, openLocalFrontDoor } from '../../../examples/local-front-door.ts';
import { type LocalRuntime, startLocalRuntime } from '../../../examples/local-runtime.ts';
import { executionArnOf, machineArn, resumeMachineArn } from '../../../lambdas/domain/execution-name.ts';
import type { FaultReport } from '../../../local/faults/fault-book.ts';
import { auditBooks, type Findings } from './books.ts';
import { castPart, promptly, shelves, waitsForTime } from './cast.ts';
import { type Clerk, createClerk, type Work } from './clerk.ts';
import type { Deployments } from './deployments.ts';
import { cutPower, disturb, jumpOf } from './disturb.ts';
import { type Calls, callsIn, diskMb, type Memory, watchMemory, withoutCounters } from './figures.ts';
import { openMailbox } from './mailbox.ts';
import { createCpuMeter, type Pace, type PaceSample, paceOf } from './pace.ts';
import { createPlayers, type Players } from './players.ts';
import { readBooks } from './read-books.ts';
import { createUndoByHand } from './undo-by-hand.ts';

export interface ChaosOptions {
  orders: number;
  seed: number;
  /** File with a fault plan, with the rules that count calls. */
  faults: string;
  kills: number;
  /** How often time is moved while orders are under way. */
  jumps: number;
  /** Versions of the app that are deployed while orders are under way, which are moved there. */
  deployments: Deployments;
  /** Orders under way at the same time. */
  open: number;
  /** Nobody lets a deadline pass. */
  prompt: boolean;
  /** Folder with the synthesised app. */
  assembly: string;
  /** Where the runtime keeps its state, and leaves it; default: a folder that goes with it. */
  stateDir?: string | undefined;
  progress(line: string): void;
}

export interface ChaosResult extends Findings {
  faults: FaultReport;
  orders: number;
  kills: number;
  jumps: number;
  deployments: number;
  migrationsKilled: number;
  work: Work;
  calls: Calls;
  memory: Memory;
  /** Megabytes of the parts of the state folder. */
  disk: { begin: Record<string, number>; end: Record<string, number> };
  playedSeconds: number;
  settledSeconds: number;
  /** Undefined after too few orders. */
  pace: Pace | undefined;
}

/** An order that is still under way after that has met with a fault that only time mends; others take its place. */
const patienceMs = 20_000;
/** What a process used after the last look at it is lost with it. */
const paceEveryMs = 1_000;
/** Time is moved by these, again and again, until nothing is under way. A week's wait for an operator is the longest. */
const steps = ['1m', '10m', '1h', '6h', '1d'];
const mostRounds = 80;
/** Executions that have ended are kept for longer than any move of time, so that the clerk sees each; and no longer, so that it is seen that they go. */
const keep = '3d';

export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { orders, seed, faults, open, prompt, assembly, deployments, stateDir, progress } = options;
  await using runtime = await startLocalRuntime({ assembly, faults, keep, ...(stateDir && { stateDir }) });
  await fillShelves(runtime, shelves);
  const door = await openLocalFrontDoor(runtime);
  const players = createPlayers(door, createUndoByHand(runtime));
  const readMails = openMailbox(runtime.mailboxDir);
  const sfn = new SFNClient({ ...localClient(runtime.awsEndpoint), maxAttempts: 1 });
  const stateMachineArn = machineArn(runtime.outputs.StateMachineArn!);
  const machines = [stateMachineArn, resumeMachineArn(stateMachineArn)];
  const clerk = createClerk(sfn, machines);
  const state = { started: 0, ended: 0, killed: 0, jumped: 0, deployed: 0, playing: true };
  const begin = await diskMb(runtime.stateDir);
  const memory = await watchMemory(runtime);

  /** False: it waits for time to pass, or goes on in another version. */
  async function hasEnded(orderId: string): Promise<boolean> {
    for (const until = performance.now() + patienceMs; performance.now() < until; ) {
      const asked = sfn.send(new DescribeExecutionCommand({ executionArn: executionArnOf(stateMachineArn, orderId) }));
      // The runtime may be down for a moment.
      const { status } = await asked.catch(() => ({ status: undefined }));
      if (status === 'ABORTED') return false;
      if (status !== undefined && status !== 'RUNNING') return true;
      await delay(150);
    }
    return false;
  }

  async function customer(): Promise<void> {
    while (state.started < orders) {
      const cast = castPart(seed, state.started++);
      const part = prompt ? promptly(cast) : cast;
      const { orderId } = await players.place(part);
      if (!waitsForTime(part) && (await hasEnded(orderId))) state.ended++;
    }
  }

  async function post(): Promise<void> {
    while (state.playing) {
      players.react(await readMails());
      await delay(100);
    }
  }

  const disturbances = { orders, started: () => state.started };
  const powerCuts = () =>
    disturb({
      ...{ ...disturbances, times: options.kills, seed },
      async disturb() {
        await cutPower(runtime, deployments);
        state.killed++;
      },
    });
  const jumps = () =>
    disturb({
      ...{ ...disturbances, times: options.jumps, seed: seed + 1 },
      async disturb(random) {
        await throughPowerCuts(() => clerk.look());
        // A power cut may come in the middle of it; what has been moved stays moved.
        await runtime.advance(jumpOf(random)).catch(onlyPowerCuts);
        state.jumped++;
      },
    });

  const newVersions = () =>
    disturb({
      ...{ ...disturbances, times: deployments.count, seed: seed + 2 },
      async disturb(random) {
        await deployments.deploy(runtime, random);
        state.deployed++;
      },
    });

  const samples: PaceSample[] = [];
  const cpuSeconds = createCpuMeter();
  async function watchPace(): Promise<void> {
    while (state.playing) {
      const used = await runtime.cpuMsByProcess();
      samples.push({ orders: state.started, seconds: seconds(startedAt), cpuSeconds: cpuSeconds(used) });
      await delay(paceEveryMs);
    }
  }

  const startedAt = performance.now();
  const seconds = (since: number) => (performance.now() - since) / 1000;
  const posting = post();
  const watching = watchPace();
  const ticker = setInterval(() => {
    const { started, ended, killed, jumped, deployed } = state;
    if (started === orders) return;
    const disturbed = `${killed} kills, ${jumped} jumps${deployed > 0 ? `, ${deployed} deployments` : ''}`;
    progress(`${started} of ${orders} placed, ${ended} ended, ${disturbed}, ${seconds(startedAt).toFixed(0)} s`);
  }, 10_000);
  try {
    await Promise.all([
      ...Array.from({ length: Math.min(open, orders) }, customer),
      powerCuts(),
      jumps(),
      newVersions(),
    ]);
    const playedSeconds = seconds(startedAt);
    const pace = paceOf(samples);
    progress(
      `all placed, ${state.ended} ended in ${playedSeconds.toFixed(0)} s; time is moved until the others have ended`,
    );
    const settlingAt = performance.now();
    await deployments.finish(runtime);
    await settle(runtime, { sfn, machines, clerk, players, progress });
    state.playing = false;
    await Promise.all([posting, watching]);
    players.react(await readMails());
    await players.idle();

    await clerk.look();
    const answered = await fetch(`${runtime.awsEndpoint}/_local/faults`);
    const report = (await answered.json()) as FaultReport;
    const findings = auditBooks(await readBooks(runtime, door, clerk.statuses), players.told.values(), report);
    return {
      ...findings,
      discrepancies: [...findings.discrepancies, ...players.strange],
      faults: withoutCounters(report),
      orders,
      kills: state.killed,
      jumps: state.jumped,
      deployments: state.deployed,
      migrationsKilled: deployments.killed,
      work: clerk.work,
      calls: callsIn(report),
      memory: await memory(),
      disk: { begin, end: await diskMb(runtime.stateDir) },
      playedSeconds,
      settledSeconds: seconds(settlingAt),
      pace,
    };
  } finally {
    state.playing = false;
    clearInterval(ticker);
    sfn.destroy();
  }
}

/** Moves time until no execution is running, and then until what is late has come. */
async function settle(
  runtime: LocalRuntime,
  surroundings: {
    sfn: SFNClient;
    machines: readonly string[];
    clerk: Clerk;
    players: Players;
    progress: (line: string) => void;
  },
): Promise<void> {
  const { sfn, machines, clerk, players, progress } = surroundings;
  const underWay = async () => {
    let count = 0;
    for (const stateMachineArn of machines) {
      const running = { stateMachineArn, statusFilter: 'RUNNING', maxResults: 1000 } as const;
      for await (const page of paginateListExecutions({ client: sfn }, running)) count += page.executions?.length ?? 0;
    }
    return count;
  };
  /** Moved time does one thing after the other: what goes on by itself is left to do so. */
  const quiet = async () => {
    let running = await underWay();
    for (let still = 0; still < 3 && running > 0; ) {
      await Promise.all([players.idle(), delay(500)]);
      const before = running;
      running = await underWay();
      still = running < before ? 0 : still + 1;
    }
    return running;
  };
  for (let round = 0; round < mostRounds; round++) {
    const running = await quiet();
    if (running === 0) break;
    const step = steps[round % steps.length]!;
    progress(`${running} executions are under way; time is moved by ${step}`);
    await clerk.look();
    await runtime.advance(step);
  }
  await runtime.advance('2h');
}

/** Again, until the runtime is up. */
async function throughPowerCuts(doing: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await doing();
    } catch (error) {
      if (tries === 60) throw error;
      await delay(500);
    }
  }
}

function onlyPowerCuts(error: unknown): void {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (!['ECONNRESET', 'ECONNREFUSED', 'EPIPE'].includes(code)) throw error;
}
