import { allFrames } from '../frame.ts';
import { attempt } from '../leave.ts';
import { note, type Run } from '../run.ts';
import type { Signal } from '../signal.ts';
import { signalChild } from './map-run.ts';

/**
 * A map run that is going on may have more or fewer children at a time, or bear more or fewer failures. No event tells of it.
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_UpdateMapRun.html
 */
export async function updateMapRun(run: Run, signal: Extract<Signal, { type: 'updateMapRun' }>): Promise<void> {
  const { type: _, mapRunArn, ...settings } = signal;
  for (const [path, { state }] of [...allFrames(run.execution.root)]) {
    const mapRun = state?.group?.mapRun;
    if (mapRun?.arn === mapRunArn) {
      note(run, path, { fact: 'MapRunUpdated', ...settings });
      run.ready.push(path);
    }
    // Or one of its children has it.
    for (const { index, execution } of mapRun?.running ?? []) {
      const inner = { path, index, name: execution.executionName, signal };
      await attempt(run, path, (position) => signalChild(position, inner));
    }
  }
}
