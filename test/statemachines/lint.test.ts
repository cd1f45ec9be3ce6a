import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const lint = (...files: string[]) => {
  const run = spawnSync(process.execPath, ['statemachines/lint.ts', ...files], { cwd: root, encoding: 'utf8' });
  return { status: run.status, said: run.stdout.trimEnd().split('\n') };
};

test('each process is told the longest history that it can have, and one that can reach the end of what AWS keeps is refused', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lint-'));
  try {
    const file = join(folder, 'patient.asl.json');
    const Count = { Type: 'Pass', Assign: { triesThisExecution: 0 }, Output: {}, Next: 'Try' };
    const Try = {
      Type: 'Choice',
      Choices: [{ Condition: '{% $triesThisExecution < 9000 %}', Next: 'Again' }],
      Default: 'End',
    };
    const Again = { Type: 'Pass', Assign: { triesThisExecution: '{% $triesThisExecution + 1 %}' }, Next: 'Try' };
    const States = { Count, Try, Again, End: { Type: 'Succeed' } };
    writeFileSync(file, JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'Count', States }));
    const loops = { Try: { counter: 'triesThisExecution', most: 9000 } };
    writeFileSync(
      join(folder, 'patient.steps.ts'),
      `export const steps = {}; export const loops = ${JSON.stringify(loops)};`,
    );
    const { status, said } = lint('statemachines/order-fulfillment.asl.json', file);
    expect(status).toBe(1);
    expect(said).toEqual([
      expect.stringMatching(
        /^statemachines\/order-fulfillment\.asl\.json: nothing found; at most \d{4} history events of 25000, retries, escalations and loops included$/,
      ),
      expect.stringMatching(/patient\.asl\.json: found up to 36008 history events, expected less than 25000: /),
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
