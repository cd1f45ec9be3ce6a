import { createHash } from 'node:crypto';
import type { OutstandingTask } from '../../../local/asl/signal.ts';
import type { TaskReport, TaskScript } from '../../support/interpreter-driver.ts';
import { kept } from './values.ts';

const answers: TaskReport[][] = [
  [{ started: true }, { result: { ...kept, n: 3 } }],
  [{ afterMs: 2000, result: { ...kept, list: [1] } }],
  [{ result: kept }],
  [{ result: kept }],
  [{ afterMs: 10_000, result: 'slow' }],
  [{ resultText: '{ "n" :  1 }' }],
  [{ error: 'Flaky' }],
  [{ started: true }, { afterMs: 2000, error: 'Broken', cause: 'for good' }],
  [{}],
  [{ error: 'Busy', stage: 'schedule' }],
  [{ error: 'Busy', stage: 'start' }],
  [{ started: true, workerName: 'w' }],
  [],
];

const callbacks: TaskReport[][] = [
  [{ started: true }, { submitted: {} }, { afterMs: 3000, heartbeat: true }, { afterMs: 3000, result: kept }],
  [{ submitted: kept }, { result: kept }],
  [{ submitted: { id: 1 } }, { afterMs: 9000, result: null }],
  // The answer is faster than the request's own.
  [{ result: 'at once' }, { submitted: {} }],
  [{ submitted: {} }, { error: 'Flaky', cause: 'no' }],
  [{ error: 'Busy', stage: 'submit' }],
  [{ submitted: {} }],
];

/** 0 <= n < 2^32, always the same for the same words. */
export function drawn(...words: (string | number)[]): number {
  return createHash('sha256').update(words.join('\n')).digest().readUInt32BE();
}

/** What a task reports depends on its id alone: asked again, it reports the same. */
export function randomReports(seed: number): TaskScript {
  return ({ taskId, resource }: OutstandingTask) => {
    const known = /\.(sync(:2)?|waitForTaskToken)$|:activity:/.test(resource) ? callbacks : answers;
    return known[drawn(seed, taskId) % known.length] as TaskReport[];
  };
}
