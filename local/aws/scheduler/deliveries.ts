import type { Checkpoints } from '../../engine/checkpoints.ts';
import type { Clock } from '../../engine/ports.ts';
import type { Target } from './schedule.ts';
import { inputFor, type Occurrence, secondsOf } from './target.ts';

/** One occurrence of a schedule that its target has not taken yet. Whatever becomes of the schedule, it is delivered. */
export interface Delivery extends Occurrence {
  /** Which schedule: its key and the id of this one among those that had the key. */
  schedule: { key: string; id: string };
  target: Target;
  /** The age of the event counts from here: the scheduled time may be long past. */
  firedAt: number;
  failures: number;
  dueAt: number;
}

/** Hands an input over to a target; throws what the target's service answers. */
export type Invoke = (target: Target, input: string, occurrence: Occurrence) => Promise<void>;

export interface DeadLetter {
  MessageBody: string;
  MessageAttributes: Record<string, { DataType: 'String'; StringValue: string }>;
}

export interface DeliveriesOptions {
  clock: Clock;
  store: Checkpoints;
  invoke: Invoke;
  sendDeadLetter(queueArn: string, letter: DeadLetter): Promise<void>;
  /** Called in the turn in which the delivery is taken off the store, so that what is stored here is committed with that. */
  ended(delivery: Delivery): void;
  /** A sentence for people: an invocation that failed for good. */
  warn(message: string): void;
}

const source = 'scheduler-deliveries';

/**
 * How long after the n-th failure the next attempt comes: 1 s, 2 s, 4 s ... and no more than eight minutes, so that the 185 retries
 * and the 24 hours that are the service's defaults end at about the same time. (It says only that the backoff is exponential.)
 */
const delayMs = (failures: number) => Math.min(1000 * 2 ** (failures - 1), 480_000);

/**
 * Deliveries that are stored until their target took them: at least once, over a crash too.
 *
 * Source: https://docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html
 */
export function createDeliveries(options: DeliveriesOptions) {
  const { clock, store, invoke, sendDeadLetter, ended, warn } = options;
  const timers = new Map<string, Disposable>();
  const underWay = new Set<Promise<void>>();
  let stopped = false;

  /** Until it has ended, the clock does not move on. */
  function track(work: Promise<void>): void {
    const tracked = work
      .catch((error) => {
        if (!stopped) warn(`A schedule that was due is kept for the next start: ${error}`);
      })
      .finally(() => underWay.delete(tracked));
    underWay.add(tracked);
  }

  function schedule(delivery: Delivery): void {
    const go = () => {
      timers.delete(delivery.executionId);
      if (!stopped) track(attempt(delivery));
    };
    timers.set(delivery.executionId, clock.at(delivery.dueAt, go));
  }

  async function attempt(delivery: Delivery): Promise<void> {
    const { target, executionId } = delivery;
    try {
      await invoke(target, inputFor(target.Input, delivery, delivery.failures + 1), delivery);
    } catch (error) {
      // When the runtime stops, so do the targets: that is no failure of theirs.
      return stopped ? undefined : failed({ ...delivery, failures: delivery.failures + 1 }, error as Error);
    }
    ended(delivery);
    return store.delete(source, executionId);
  }

  async function failed(delivery: Delivery, error: Error): Promise<void> {
    const { MaximumRetryAttempts, MaximumEventAgeInSeconds } = delivery.target.RetryPolicy;
    const dueAt = clock.now() + delayMs(delivery.failures);
    if (delivery.failures > MaximumRetryAttempts) return giveUp(delivery, error, 'MaximumRetryAttempts');
    if (dueAt > delivery.firedAt + MaximumEventAgeInSeconds * 1000) {
      return giveUp(delivery, error, 'MaximumEventAgeInSeconds');
    }
    const next = { ...delivery, dueAt };
    schedule(next);
    return store.set(source, delivery.executionId, JSON.stringify(next));
  }

  async function giveUp(delivery: Delivery, error: Error, condition: string): Promise<void> {
    const { scheduleArn, target, executionId } = delivery;
    const queueArn = target.DeadLetterConfig?.Arn;
    const sentence = `The schedule ${scheduleArn} could not reach ${target.Arn} (${error.message})`;
    if (queueArn === undefined) warn(`${sentence} and has no dead-letter queue: this invocation is dropped.`);
    else {
      try {
        await sendDeadLetter(queueArn, deadLetter(delivery, error, condition));
      } catch (refusal) {
        if (stopped) return;
        const reason = (refusal as Error).message;
        warn(`${sentence}, nor its dead-letter queue ${queueArn} (${reason}): this invocation is dropped.`);
      }
    }
    ended(delivery);
    return store.delete(source, executionId);
  }

  return {
    track,
    /** Stored when the promise resolves; handed over to the target then. */
    async begin(delivery: Delivery): Promise<void> {
      await store.set(source, delivery.executionId, JSON.stringify(delivery));
      if (!stopped) return attempt(delivery);
    },
    /** Goes on with what was under way at the last stop or crash. */
    resume(): void {
      for (const { value } of store.list(source)) schedule(JSON.parse(value));
    },
    /** Resolves when no attempt is being made; true if it had to wait. */
    async settle(): Promise<boolean> {
      if (underWay.size === 0) return false;
      await Promise.all(underWay);
      return true;
    },
    async stop(): Promise<void> {
      stopped = true;
      for (const timer of timers.values()) timer[Symbol.dispose]();
      await Promise.all(underWay);
    },
  };
}

/** https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html#configuring-schedule-dlq-dead-letter-event */
function deadLetter(delivery: Delivery, error: Error, condition: string): DeadLetter {
  const attributes = {
    ERROR_CODE: error.name,
    ERROR_MESSAGE: error.message || error.name,
    EXECUTION_ID: delivery.executionId,
    EXHAUSTED_RETRY_CONDITION: condition,
    IS_PAYLOAD_TRUNCATED: 'false',
    RETRY_ATTEMPTS: String(delivery.failures - 1),
    SCHEDULED_TIME: secondsOf(delivery.scheduledAt),
    SCHEDULE_ARN: delivery.scheduleArn,
    TARGET_ARN: delivery.target.Arn,
  };
  return {
    MessageBody: inputFor(delivery.target.Input, delivery, delivery.failures),
    MessageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
    ),
  };
}
