import { setTimeout as delay } from 'node:timers/promises';

/** Asks until there is an answer; the test's own time limit ends it otherwise. */
export async function eventually<Answer>(ask: () => Promise<Answer | undefined>): Promise<Answer> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await delay(20);
  }
}
