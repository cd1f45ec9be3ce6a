/**
 * The event source mapping of a queue: long polling, batches, partial failures. A message is deleted when the function has taken it; one that
 * failed stays and comes again after the queue's visibility timeout, until the queue's redrive policy moves it away. A batch that is
 * throttled is tried again for as long as its messages are hidden.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
import type { Clock, FunctionInvoker } from '../../engine/ports.ts';
import { failedItems } from './batch-item-failures.ts';
import { compileFilter } from './filter-criteria.ts';
import { createHiddenMessages, type ReceivedAt } from './hidden-messages.ts';
import { invocationPayload } from './invocation-payload.ts';
import { createJsonClient } from './json-client.ts';
import type { EventSource, EventSourceMapping } from './mapping.ts';
import { createPatientInvoker } from './patient-invoker.ts';
import { type SqsMessage, toFilterSubject, toSqsRecord } from './sqs-records.ts';
import { createWake } from './wake.ts';

export interface SqsSourceOptions {
  mapping: EventSourceMapping;
  /** Of SQS (fauxqs). */
  endpoint: string;
  queueUrl: string;
  invoker: FunctionInvoker;
  clock: Clock;
  /** Default true. */
  enabled?: boolean;
  /** Counts the messages that entered any queue (Queues.entered): while it stands still, a queue that was empty is empty. */
  entered?(): number;
  /** A sentence for people. */
  warn(message: string): void;
  /** Asked for every message that passes the filter: a development runtime may deliver it twice, late, or not now. */
  takeOver?: TakeOver;
}

/** A message that was received, for who takes its delivery over. */
export interface ReceivedMessage {
  body: string;
  /** To the function, alone and now. */
  hand(): void;
  /** It stays in the queue, and comes again when its visibility timeout is over. */
  leave(): void;
}

/** Resolves to false for a message that is to go the usual way. */
export type TakeOver = (message: ReceivedMessage) => Promise<boolean>;

interface Received {
  message: SqsMessage;
  record: object;
  at: ReceivedAt;
}

const waitTimeSeconds = 20;
const unreachablePollMs = 250;
/** More would only queue up before the few environments that a laptop runs. */
const defaultConcurrency = 4;
/** After so many looks at 10 ms, messages that are hidden in the queue are known to be in somebody else's hands. */
const vainLooks = 50;
/** How long a stop waits for functions in hand, so that their messages are deleted instead of delivered again. */
const stopGraceMs = 2_000;

/** Resolves when the mapping receives. Rejects if the queue does not exist, or a filter pattern is none. */
export async function startSqsSource(options: SqsSourceOptions): Promise<EventSource> {
  const { mapping, queueUrl: QueueUrl, invoker, clock, warn, takeOver } = options;
  const { eventSourceArn, functionName, batchSize = 10, reportBatchItemFailures = false } = mapping;
  const { maximumBatchingWindowSeconds = 0, maximumConcurrency = defaultConcurrency } = mapping;
  const name = `queue ${eventSourceArn} -> ${functionName}`;
  const client = createJsonClient(options.endpoint, 'AmazonSQS');
  const passes = compileFilter(mapping.filterPatterns);
  const visibilityTimeoutMs = Number((await queueAttributes()).VisibilityTimeout) * 1000;
  const stopping = new AbortController();
  const { signal } = stopping;
  let { enabled = true } = options;
  let enabledAgain = Promise.withResolvers<void>();
  let receiving = new AbortController();
  let received: Promise<void> = Promise.resolve();
  const inHand = new Set<Promise<void>>();
  /** Received, and waiting for company until the window closes. */
  let gathered: Received[] = [];
  let window: Disposable | undefined;
  /** Counts batches that began and that ended. */
  let steps = 0;
  /** What `entered` counted before the last look into the queue, if that found nothing at all: no message visible, hidden or delayed. */
  let emptyAt: number | undefined;
  const changed = createWake();
  const { rests, invoke } = createPatientInvoker({
    ...{ invoker, functionName, clock },
    goesOn: () => enabled && !signal.aborted,
    rested: () => changed.wake(),
    refused: (error) => warn(`${name}: ${error.name}: ${error.message}; the batch comes again later`),
  });
  const hidden = createHiddenMessages({
    clock,
    visibilityTimeoutMs,
    show: (ReceiptHandle) => client.call('ChangeMessageVisibility', { QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }),
  });

  async function queueAttributes(): Promise<Record<string, string>> {
    return (await client.call('GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] })).Attributes;
  }

  async function receive(): Promise<void> {
    const input = {
      QueueUrl,
      MaxNumberOfMessages: Math.min(10, batchSize - gathered.length),
      WaitTimeSeconds: waitTimeSeconds,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    };
    const messages: SqsMessage[] = (await client.call('ReceiveMessage', input, receiving.signal)).Messages ?? [];
    const unwanted: SqsMessage[] = [];
    const at = { movedMs: clock.now(), wallMs: performance.now() };
    for (const message of messages) {
      hidden.received(message);
      const record = toSqsRecord(message, eventSourceArn, clock.offsetMs());
      const one = { message, record, at };
      if (!passes(toFilterSubject(record))) unwanted.push(message);
      else if (!(await takeOver?.(handover(one)))) gathered.push(one);
    }
    if (!enabled || maximumBatchingWindowSeconds === 0 || gathered.length >= batchSize) submit();
    else if (gathered.length > 0) window ??= clock.at(clock.now() + maximumBatchingWindowSeconds * 1000, submit);
    // As in the service, a message that no pattern matches is gone.
    await deleteMessages(unwanted);
  }

  function handover(one: Received): ReceivedMessage {
    return {
      body: one.message.Body,
      hand() {
        hidden.received(one.message);
        if (!signal.aborted) hand([one]);
      },
      leave: () => hidden.failed(one.message, one.at),
    };
  }

  function submit(): void {
    window?.[Symbol.dispose]();
    window = undefined;
    if (gathered.length > 0) hand(gathered);
    gathered = [];
  }

  function hand(batch: Received[]): void {
    steps++;
    const done = process(batch)
      .catch((error) => {
        for (const { message, at } of batch) hidden.failed(message, at);
        if (!signal.aborted) warn(`${name}: ${batch.length} message(s) come again later: ${error}`);
      })
      .finally(() => {
        inHand.delete(done);
        steps++;
        changed.wake();
      });
    inHand.add(done);
    changed.wake();
  }

  async function process(batch: Received[]): Promise<void> {
    const payload = invocationPayload(batch.map(({ record }) => record));
    if (payload === undefined) {
      const middle = Math.ceil(batch.length / 2);
      hand(batch.slice(0, middle));
      return process(batch.slice(middle));
    }
    const hiddenUntil = Math.min(...batch.map(({ at }) => at.movedMs)) + visibilityTimeoutMs;
    const result = await invoke(payload, batch.length, hiddenUntil);
    const identifiers = batch.map(({ message }) => message.MessageId);
    const failed = new Set(result ? failedItems(result, identifiers, reportBatchItemFailures) : identifiers);
    for (const { message, at } of batch) if (failed.has(message.MessageId)) hidden.failed(message, at);
    await deleteMessages(batch.map(({ message }) => message).filter(({ MessageId }) => !failed.has(MessageId)));
  }

  async function deleteMessages(messages: readonly SqsMessage[]): Promise<void> {
    for (let from = 0; from < messages.length; from += 10) {
      const Entries = messages
        .slice(from, from + 10)
        .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      await client.call('DeleteMessageBatch', { QueueUrl, Entries });
    }
  }

  async function run(): Promise<void> {
    let unreachable = false;
    while (!signal.aborted) {
      try {
        if (!enabled) await enabledAgain.promise;
        else if (inHand.size >= maximumConcurrency) await Promise.race(inHand);
        else {
          received = receive();
          await received;
        }
        unreachable = false;
      } catch (error) {
        if (signal.aborted) return;
        if (!enabled) continue;
        if (!unreachable) warn(`${name} cannot be received from now; trying again: ${error}`);
        unreachable = true;
        await createWake().sleep(unreachablePollMs);
      }
    }
  }

  /** Whether anything is on its way to us, or about to be: what is neither visible nor known here. */
  async function expectsMessages(): Promise<boolean> {
    const entered = options.entered?.();
    if (entered !== undefined && entered === emptyAt) return false;
    const {
      ApproximateNumberOfMessages: visible,
      ApproximateNumberOfMessagesNotVisible: notVisible,
      ApproximateNumberOfMessagesDelayed: delayed,
    } = await queueAttributes();
    emptyAt = Number(visible) + Number(notVisible) + Number(delayed) === 0 ? entered : undefined;
    return Number(visible) > 0 || Number(notVisible) > gathered.length + hidden.count() + rests.messages();
  }

  /** Whether batches are in hand that need no time to pass. */
  const isBusy = () => inHand.size > rests.batches();
  const receives = () => enabled && rests.batches() < maximumConcurrency;

  const ended = run();
  return {
    name,
    async settle() {
      const before = steps;
      for (let looks = 0; looks < vainLooks && !signal.aborted; ) {
        if (isBusy() || (receives() && hidden.due() > 0)) looks = 0;
        else if (!receives()) break;
        else if (await expectsMessages()) looks++;
        else if (!isBusy()) break;
        await changed.sleep(10);
      }
      return steps !== before;
    },
    async disable() {
      if (!enabled) return;
      enabled = false;
      receiving.abort();
      // What was received already is handed to the function, as the service does; what is throttled is left.
      submit();
      rests.end();
      await received.catch(() => {});
      await Promise.race([Promise.all(inHand), createWake().sleep(stopGraceMs)]);
      // By its answer the queue has seen that nobody waits for a message any more.
      await queueAttributes().catch(() => {});
    },
    async enable() {
      if (enabled) return;
      enabled = true;
      receiving = new AbortController();
      enabledAgain.resolve();
      enabledAgain = Promise.withResolvers();
    },
    async stop() {
      stopping.abort();
      receiving.abort();
      enabledAgain.resolve();
      rests.end();
      window?.[Symbol.dispose]();
      await ended;
      await Promise.race([Promise.all(inHand), createWake().sleep(stopGraceMs)]);
      hidden[Symbol.dispose]();
      client[Symbol.dispose]();
    },
  };
}
