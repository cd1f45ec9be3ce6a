import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { takeUp } from '../../local/take-up.ts';
import { loadAssembly } from '../../local/template/load-assembly.ts';
import { openPublishedVersions, type PublishedVersions } from '../../local/template/published-versions.ts';
import { startEngine, type TestEngine } from '../support/engine.ts';
import { smallApp } from './small-app.ts';

const crash = new Error('crash');
const machineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:Shop-Machine';

/** As at a start: addresses are known, and nothing else. */
function assemblyOf(revision: number) {
  const assembly = loadAssembly(smallApp({ revision }));
  assembly.know('Queue', 'Ref', 'http://127.0.0.1:1/000000000000/Shop-Queue');
  return assembly;
}

/** What the executions of each version of the state machine would run, by number: `<revision of the code>`. */
function codeOfVersions({ engine, stateDir }: TestEngine): Record<string, string | undefined> {
  const book = JSON.parse(readFileSync(join(stateDir, 'function-versions.json'), 'utf8'));
  return Object.fromEntries(
    engine.stateMachines.versions(machineArn).map((version) => {
      const [, number] = /Shop-Work:(\d+)/.exec(engine.stateMachines.definition(version).text)!;
      return [version.version, book['Shop-Work'].versions[number!]?.configuration?.codeDir.split('-').at(-1)];
    }),
  );
}

const routed = ({ engine }: TestEngine) =>
  engine.aliases.get(`${machineArn}:live`).routing.map(({ stateMachineVersionArn }) => stateMachineVersionArn);

/** Each write of `takeUp` fails in turn, before and after it is done. */
const crashes: [string, (runtime: TestEngine, published: PublishedVersions) => Disposable][] = [
  ['before the numbers are stored', (_, published) => failing(published, 'save', 1, 'before')],
  ['after the numbers are stored', (_, published) => failing(published, 'save', 1, 'after')],
  ['after the state machine is stored', ({ engine }) => failing(engine.stateMachines, 'update', 1, 'after')],
  ['after its version is stored', ({ engine }) => failing(engine.stateMachines, 'publish', 1, 'after')],
  ['before the functions are stored', (_, published) => failing(published, 'save', 2, 'before')],
];

function failing<Name extends string>(
  target: Record<Name, (...given: never[]) => unknown>,
  name: Name,
  time: number,
  when: 'before' | 'after',
): Disposable {
  const real = target[name];
  let calls = 0;
  target[name] = (...given) => {
    calls += 1;
    if (calls === time && when === 'before') throw crash;
    const result = real(...given);
    if (calls === time) throw crash;
    return result;
  };
  return {
    [Symbol.dispose]() {
      target[name] = real;
    },
  };
}

test.each(crashes)('a crash %s leaves no version that could come to run other code', async (_title, breakIt) => {
  await using runtime = await startEngine();
  const { engine, stateDir } = runtime;
  takeUp(assemblyOf(1), engine, openPublishedVersions(stateDir));
  const interrupted = openPublishedVersions(stateDir);
  {
    using _ = breakIt(runtime, interrupted);
    expect(() => takeUp(assemblyOf(2), engine, interrupted)).toThrow('crash');
  }
  expect(codeOfVersions(runtime)['1']).toBe('1');

  // Edited once more before the next start.
  const { machines } = takeUp(assemblyOf(3), engine, openPublishedVersions(stateDir));
  const [latest] = machines;
  expect(routed(runtime)).toEqual([`${machineArn}:${latest!.version}`]);
  expect(codeOfVersions(runtime)).toMatchObject({ 1: '1', [latest!.version]: '3' });
  // A version of a state machine that was published for code which never was has none, rather than that of another revision.
  expect([undefined, '3']).toContain(codeOfVersions(runtime)['2']);
});

test('taking up the same app again publishes nothing', async () => {
  await using runtime = await startEngine();
  const { engine, stateDir } = runtime;
  const book = () => JSON.parse(readFileSync(join(stateDir, 'function-versions.json'), 'utf8'));
  expect(takeUp(assemblyOf(1), engine, openPublishedVersions(stateDir)).machines).toMatchObject([{ version: 1 }]);
  const before = book();
  expect(takeUp(assemblyOf(1), engine, openPublishedVersions(stateDir)).machines).toEqual([]);
  expect(book()).toEqual(before);
  expect(codeOfVersions(runtime)).toEqual({ 1: '1' });
});
