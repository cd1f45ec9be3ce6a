/** One run: orders are placed and played while the runtime is broken and killed, time is moved until all have ended, and the books are added up. */
import { setTimeout as delay } from 'node:timers/promises';
import { DescribeExecutionCommand, ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { fillShelves, localClient, openLocalFrontDoor } from '../../../examples/local-front-door.ts';
import { type LocalRuntime, startLocalRuntime } from '../../../examples/local-runtime.ts';
import type { FaultReport } from '../../../local/faults/fault-book.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { auditBooks, type Findings, readBooks } from './books.ts';
import { castPart, promptly, shelves, waitsForTime } from './cast.ts';
import { openMailbox } from './mailbox.ts';
import { createPlayers, type Players } from './players.ts';

export interface ChaosOptions {
  orders: number;
  seed: number;
  /** File with a fault plan; undefined: nothing is broken. */
  faults: string | undefined;
  kills: number;
  /** Orders under way at the same time. */
  open: number;
  /** Nobody lets a deadline pass. */
  prompt: boolean;
  /** Folder with the synthesised app. */
  assembly: string;
  progress(line: string): void;
}

export interface ChaosResult extends Findings {
  faults: FaultReport;
  kills: number;
  /** Invocations of functions since the last kill. */
  invocations: number;
  playedSeconds: number;
  settledSeconds: number;
  memoryMb: number;
  /** Milliseconds that an order was under way, of the first and of the last tenth of those that ended by themselves. */
  firstOrdersMs: number;
  lastOrdersMs: number;
}

/** An order that is still under way after that has met with a fault that only time mends; others take its place. */
const patienceMs = 20_000;
/** Time is moved by these, again and again, until nothing is under way. A week's wait for an operator is the longest. */
const steps = ['1m', '10m', '1h', '6h', '1d'];
const mostRounds = 80;

export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { orders, seed, faults, open, prompt, assembly, progress } = options;
  await using runtime = await startLocalRuntime({ assembly, faults });
  await fillShelves(runtime, shelves);
  const door = await openLocalFrontDoor(runtime);
  const players = createPlayers(door);
  const readMails = openMailbox(runtime.mailboxDir);
  const sfn = new SFNClient({ ...localClient(runtime.awsEndpoint), maxAttempts: 1 });
  const state = { started: 0, ended: 0, killed: 0, playing: true };
  const tookMs: number[] = [];

  const executionArn = (name: string) =>
    runtime.outputs.StateMachineArn!.split(':').slice(0, 7).join(':').replace(':stateMachine:', ':execution:') +
    `:${name}`;

  /** False: it waits for time to pass. */
  async function hasEnded(orderId: string): Promise<boolean> {
    for (const until = performance.now() + patienceMs; performance.now() < until; ) {
      const asked = sfn.send(new DescribeExecutionCommand({ executionArn: executionArn(orderId) }));
      // The runtime may be down for a moment.
      const { status } = await asked.catch(() => ({ status: undefined }));
      if (status !== undefined && status !== 'RUNNING') return true;
      await delay(150);
    }
    return false;
  }

  async function customer(): Promise<void> {
    while (state.started < orders) {
      const cast = castPart(seed, state.started++);
      const part = prompt ? promptly(cast) : cast;
      const startedAt = performance.now();
      const { orderId } = await players.place(part);
      if (!waitsForTime(part) && (await hasEnded(orderId))) {
        state.ended++;
        tookMs.push(performance.now() - startedAt);
      }
    }
  }

  async function post(): Promise<void> {
    while (state.playing) {
      players.react(await readMails());
      await delay(100);
    }
  }

  const startedAt = performance.now();
  const seconds = (since: number) => (performance.now() - since) / 1000;
  const posting = post();
  const ticker = setInterval(() => {
    const { started, ended, killed } = state;
    if (started === orders) return;
    progress(`${started} of ${orders} placed, ${ended} ended, ${killed} kills, ${seconds(startedAt).toFixed(0)} s`);
  }, 10_000);
  try {
    await Promise.all([...Array.from({ length: Math.min(open, orders) }, customer), cutPower(runtime, options, state)]);
    const playedSeconds = seconds(startedAt);
    progress(
      `all placed, ${state.ended} ended in ${playedSeconds.toFixed(0)} s; time is moved until the others have ended`,
    );
    const settlingAt = performance.now();
    await settle(runtime, sfn, players, progress);
    state.playing = false;
    await posting;
    players.react(await readMails());
    await players.idle();

    const findings = auditBooks(await readBooks(runtime), players.told.values());
    const report = await fetch(`${runtime.awsEndpoint}/_local/faults`);
    const tenth = Math.max(1, Math.floor(tookMs.length / 10));
    return {
      ...findings,
      discrepancies: [...findings.discrepancies, ...players.strange],
      faults: (await report.json()) as FaultReport,
      kills: state.killed,
      invocations: await runtime.invocations(),
      playedSeconds,
      settledSeconds: seconds(settlingAt),
      memoryMb: await runtime.memoryMb(),
      firstOrdersMs: mean(tookMs.slice(0, tenth)),
      lastOrdersMs: mean(tookMs.slice(-tenth)),
    };
  } finally {
    state.playing = false;
    clearInterval(ticker);
    sfn.destroy();
  }
}

/** Kills the runtime at random moments, spread over the orders. */
async function cutPower(
  runtime: LocalRuntime,
  { kills, orders, seed }: ChaosOptions,
  state: { started: number; killed: number },
): Promise<void> {
  const random = seededRandom(seed);
  while (state.killed < kills && state.started < orders) {
    if (state.started < ((state.killed + random()) * orders) / kills) {
      await delay(50);
      continue;
    }
    await delay(random() * 500);
    await runtime.kill();
    await runtime.restart();
    state.killed++;
  }
}

/** Moves time until no execution is running, and then until what is late has come. */
async function settle(
  runtime: LocalRuntime,
  sfn: SFNClient,
  players: Players,
  progress: (line: string) => void,
): Promise<void> {
  const stateMachineArn = runtime.outputs.StateMachineArn!.split(':').slice(0, 7).join(':');
  const underWay = async () => {
    const { executions = [] } = await sfn.send(new ListExecutionsCommand({ stateMachineArn, statusFilter: 'RUNNING' }));
    return executions.length;
  };
  /** Moved time does one thing after the other: what goes on by itself is left to do so. */
  const quiet = async () => {
    let running = await underWay();
    for (let still = 0; still < 4 && running > 0; ) {
      await Promise.all([players.idle(), delay(1_000)]);
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
    await runtime.advance(step);
  }
  await runtime.advance('2h');
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
