import { expect } from 'vitest';
import type { HistoryEvent, JournalEntry } from '../../../local/asl/history.ts';
import type { Signal } from '../../../local/asl/signal.ts';
import { InterpreterDriver } from '../../support/interpreter-driver.ts';

/** More than any execution here needs that does not go in circles. */
const mostSignals = 1000;

/** Always comes to an end: whoever waits for what never comes, or goes in circles, is stopped. */
export class FuzzDriver extends InterpreterDriver {
  signals = 0;

  override async signal(signal: Signal): Promise<JournalEntry[]> {
    this.signals += 1;
    return super.signal(this.signals > mostSignals ? { type: 'stop', error: 'Circles' } : signal);
  }

  override async run(): Promise<this> {
    await super.run();
    if (this.execution.status === 'RUNNING') await this.signal({ type: 'stop', error: 'Stuck' });
    return this;
  }
}

const endings = ['ExecutionSucceeded', 'ExecutionFailed', 'ExecutionTimedOut', 'ExecutionAborted'];

/** No gaps, no event before its cause, one end, which is the last event. */
export function expectSoundHistory(events: readonly HistoryEvent[]): void {
  for (const [index, { id, previousEventId }] of events.entries()) {
    if (id !== index + 1) expect(id).toBe(index + 1);
    if (previousEventId >= id) expect(previousEventId).toBeLessThan(id);
  }
  const ended = events.filter(({ type }) => endings.includes(type));
  expect(ended).toHaveLength(1);
  expect(events.at(-1)).toBe(ended[0]);
}
