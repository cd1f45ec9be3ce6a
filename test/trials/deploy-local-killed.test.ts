import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { emptyState, ready, run } from '../local/local-commands.ts';
import { smallApp } from '../local/small-app.ts';
import { answered, ended, startJob, waitingJob } from '../local/small-app-client.ts';

test('kill -9 while an edited app is taken up: the next start comes up, with what was in flight on its own version', async () => {
  const stateDir = emptyState();
  const book = join(stateDir, 'function-versions.json');
  const args = ['--state', stateDir, '--port', '0', '--quiet', '--assembly'];
  let runtime = run('main.ts', [...args, smallApp()]);
  let reached = await ready(runtime, stateDir);
  const waiting = await waitingJob(reached, 'wait-over-kills');
  for (const revision of [2, 3]) {
    const assembly = smallApp({ revision });
    const request = { method: 'POST', body: JSON.stringify({ assemblyDir: assembly }) };
    const answer = fetch(`${reached.awsEndpoint}/_local/deploy`, request).catch(() => undefined);
    const gone = once(runtime, 'exit');
    // The number of the new version is the first thing that is written, its machine and alias come after.
    while (!readFileSync(book, 'utf8').includes(`"WorkVersion${revision}"`)) await nextTurn();
    runtime.kill('SIGKILL');
    await Promise.all([gone, answer]);
    runtime = run('main.ts', [...args, assembly]);
    reached = await ready(runtime, stateDir);
    const job = await startJob(reached, `after-${revision}`);
    expect(await ended(reached, job)).toMatchObject({ output: { code: revision, codeAfterwards: revision } });
  }
  expect(await answered(reached, 'wait-over-kills', waiting)).toMatchObject({
    output: { comment: 'revision 1', code: 1, codeAfterwards: 1 },
  });
});
