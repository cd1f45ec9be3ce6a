/** A run of the tests has a temporary folder of its own, so that it leaves nothing behind, whatever a test forgets or is killed over. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export default function setup() {
  const everybodys = tmpdir();
  const folder = mkdtempSync(join(everybodys, 'waybill-test-'));
  // It is worth keeping from run to run.
  process.env.NODE_COMPILE_CACHE ??= join(everybodys, 'node-compile-cache');
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
