import type { Clock } from '../../engine/ports.ts';
import type { SqsMessage } from './sqs-records.ts';

export interface HiddenMessagesOptions {
  clock: Clock;
  visibilityTimeoutMs: number;
  /** Makes a message visible at once. */
  show(receiptHandle: string): Promise<unknown>;
}

/** When a message was received, by both clocks. */
export interface ReceivedAt {
  movedMs: number;
  /** performance.now() */
  wallMs: number;
}

/** Messages that failed and are hidden until their visibility timeout is over. */
export interface HiddenMessages extends Disposable {
  /** The message was just received; whatever was known of it is over. */
  received(message: SqsMessage): void;
  /** The message stays in the queue. */
  failed(message: SqsMessage, receivedAt: ReceivedAt): void;
  count(): number;
  /** How many will be visible in a moment. */
  due(): number;
}

interface Hidden {
  due: boolean;
  timer: Disposable;
}

/** So long after that a message is received again, or was moved to a dead-letter queue. */
const graceMs = 500;

/**
 * Ends the visibility timeout in the runtime's moved time. The queue counts in wall-clock time; without this a failed message would
 * stay hidden while days pass.
 */
export function createHiddenMessages({ clock, visibilityTimeoutMs, show }: HiddenMessagesOptions): HiddenMessages {
  const hidden = new Map<string, Hidden>();

  function forget(id: string): void {
    hidden.get(id)?.timer[Symbol.dispose]();
    hidden.delete(id);
  }

  return {
    received: ({ MessageId }) => forget(MessageId),
    failed({ MessageId, ReceiptHandle }, { movedMs, wallMs }) {
      const one: Hidden = {
        due: false,
        timer: clock.at(movedMs + visibilityTimeoutMs, () => {
          const leftMs = Math.max(wallMs + visibilityTimeoutMs - performance.now(), 0);
          // Fails when the message is no longer there, which is as good.
          if (leftMs > 0) show(ReceiptHandle).catch(() => {});
          const timer = setTimeout(() => forget(MessageId), graceMs);
          one.due = true;
          one.timer = { [Symbol.dispose]: () => clearTimeout(timer) };
        }),
      };
      hidden.set(MessageId, one);
    },
    count: () => hidden.size,
    due: () => [...hidden.values()].filter(({ due }) => due).length,
    [Symbol.dispose]() {
      for (const id of [...hidden.keys()]) forget(id);
    },
  };
}
