import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const { scripts, engines } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  scripts: Record<string, string>;
  engines: { node: string };
};

test('every command looks first whether its Node can run it: the one of `npm ci` is missing where scripts or optional dependencies are off', () => {
  const hooks = Object.keys(scripts).filter((name) => scripts[name] === 'node local/require-node.cjs');
  const commands = Object.keys(scripts).filter((name) => !hooks.includes(name));
  expect(hooks.sort()).toEqual(commands.map((name) => `pre${name}`).sort());
});

test('a Node that is too old for our files is told so in a sentence', () => {
  const old = `Object.defineProperty(process.versions, 'node', { value: '22.17.1' }); require('./local/require-node.cjs');`;
  const { status, stderr } = spawnSync(process.execPath, ['-e', old], { encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^Waybill needs Node 22\.18 or newer, but this is Node 22\.17\.1\./);
});

test('the Node that `npm ci` runs on is the one that the README asks for', () => {
  const [, major] = /Any Node from (\d+) on will do/.exec(readFileSync('README.md', 'utf8')) ?? [];
  expect(engines.node).toBe(`>=${major}`);
});
