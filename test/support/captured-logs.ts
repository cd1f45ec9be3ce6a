import { vi } from 'vitest';

/**
 * Takes everything that this process logs, at the level that logs most. Call it after `startDynamoDb`, which silences the
 * log, and before the modules under test are imported.
 */
export function captureLogs() {
  process.env.POWERTOOLS_LOG_LEVEL = 'TRACE';
  const lines: string[] = [];
  const take = (chunk: unknown) => {
    lines.push(String(chunk));
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(take);
  vi.spyOn(process.stderr, 'write').mockImplementation(take);
  /** What was logged while `run` ran. Throws when that is nothing: then there is nothing to look at. */
  return async (run: () => Promise<unknown>): Promise<string> => {
    const before = lines.length;
    await run();
    if (lines.length === before) throw new Error('nothing was logged');
    return lines.slice(before).join('');
  };
}
