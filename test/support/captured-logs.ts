import { vi } from 'vitest';

/** Everything that our functions log while `run` runs, at the level that logs most. Throws when that is nothing. */
export async function logsOf(run: () => Promise<unknown>): Promise<string> {
  // Imported late: it reads its environment, which tests set first.
  const { logger } = await import('../../lambdas/middleware/telemetry.ts');
  const lines: string[] = [];
  const take = (chunk: unknown) => {
    lines.push(String(chunk));
    return true;
  };
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(take),
    vi.spyOn(process.stderr, 'write').mockImplementation(take),
  ];
  const level = logger.getLevelName();
  logger.setLogLevel('TRACE');
  try {
    await run();
  } finally {
    logger.setLogLevel(level);
    for (const spy of spies) spy.mockRestore();
  }
  if (lines.length === 0) throw new Error('nothing was logged, so there is nothing to look at');
  return lines.join('');
}
