import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { FunctionDefinition } from '../../../local/aws/lambda/functions.ts';
import { openPublishedVersions, type PublishedVersions } from '../../../local/template/published-versions.ts';

let root: string;
let stateDir: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'waybill-versions-'));
  stateDir = join(root, 'state');
  mkdirSync(stateDir);
});

function configuration(published: PublishedVersions, code: string, environment: Record<string, string> = {}) {
  const folder = join(root, `asset.${code}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'index.mjs'), code);
  const codeDir = published.code.keep(folder);
  return { handler: 'index.handler', codeDir, environment, timeoutSeconds: 3, memoryMb: 128 };
}

/** A start whose template has these functions, each with a version by the name of its code. */
function start(functions: Record<string, string>, environment: Record<string, string> = {}) {
  const published = openPublishedVersions(stateDir, () => 0);
  const names = Object.keys(functions);
  const numbers = published.number(
    names.map((functionName) => ({ functionName, logicalId: functions[functionName]! })),
  );
  const definitions = names.map((functionName): FunctionDefinition => {
    const one = configuration(published, functions[functionName]!, environment);
    published.update(functionName, one, {});
    published.publish(functionName, functions[functionName]!, one);
    return { functionName, ...one };
  });
  published.save();
  const giveUp = (...texts: string[]) => {
    const givenUp = published.giveUp(new Set(names), texts);
    published.save();
    published.removeCode();
    return givenUp;
  };
  return { published, numbers, definitions, giveUp };
}

const versions = (published: PublishedVersions, definitions: FunctionDefinition[], name: string) =>
  published.complete(definitions).find(({ functionName }) => functionName === name)?.versions ?? {};
const aliases = (published: PublishedVersions, definitions: FunctionDefinition[], name: string) =>
  published.complete(definitions).find(({ functionName }) => functionName === name)?.aliases;
const codes = () => readdirSync(join(stateDir, 'code')).sort();

test('a version is what it was when it was published, whatever its function is now', () => {
  start({ Fn: 'a' }, { MAIL: 'old' });
  const { numbers, published, definitions } = start({ Fn: 'a' }, { MAIL: 'new' });
  expect(numbers).toEqual(['1']);
  expect(versions(published, definitions, 'Fn')).toMatchObject({ 1: { environment: { MAIL: 'old' } } });
  expect(definitions[0]?.environment).toEqual({ MAIL: 'new' });
  // As a template would that goes back to what it was.
  start({ Fn: 'b' });
  expect(start({ Fn: 'a' }).numbers).toEqual(['1']);
});

test('what is needed stays, however old; of the rest the newest three', () => {
  for (let revision = 1; revision <= 30; revision++) start({ Fn: `v${revision}` }).giveUp('Fn:2', 'Fn:7');
  const { published, definitions, giveUp } = start({ Fn: 'v31' });
  expect(giveUp('Fn:7')).toEqual(['Fn:2', 'Fn:28']);
  expect(Object.keys(versions(published, definitions, 'Fn'))).toEqual(['7', '29', '30', '31']);
  expect(codes()).toEqual(['asset.v29', 'asset.v30', 'asset.v31', 'asset.v7']);
});

test('a function that left the template stays as far as it is needed, and its numbers are never given out again', () => {
  start({ Fn: 'a', Other: 'x' });
  start({ Fn: 'b', Other: 'x' });
  const { published, definitions, giveUp } = start({ Other: 'x' });
  expect(published.complete(definitions).map(({ functionName }) => functionName)).toEqual(['Other', 'Fn']);
  expect(giveUp('arn:aws:lambda:us-east-1:000000000000:function:Fn:1')).toEqual(['Fn:2']);
  expect(Object.keys(versions(published, definitions, 'Fn'))).toEqual(['1']);
  expect(codes()).toEqual(['asset.a', 'asset.x']);
  expect(giveUp()).toEqual(['Fn:1']);
  expect(published.complete(definitions).map(({ functionName }) => functionName)).toEqual(['Other']);
  expect(start({ Fn: 'c', Other: 'x' }).numbers).toEqual(['3', '1']);
});

test('what was not saved is forgotten, its number too', () => {
  const { published } = start({ Fn: 'a' });
  expect(published.number([{ functionName: 'Fn', logicalId: 'b' }])).toEqual(['2']);
  published.discard();
  expect(published.number([{ functionName: 'Fn', logicalId: 'c' }])).toEqual(['2']);
});

test('a number without a version, as a crash leaves it, is not given out again', () => {
  const { published } = start({ Fn: 'a' });
  published.number([{ functionName: 'Fn', logicalId: 'b' }]);
  published.save();
  const { numbers, giveUp } = start({ Fn: 'c' });
  expect(numbers).toEqual(['3']);
  expect(giveUp()).toEqual(['Fn:2']);
});

test('environments follow addresses that moved, also two that changed places', () => {
  const [one, two] = ['http://127.0.0.1:100', 'http://127.0.0.1:2000'];
  const { published, definitions } = start({ Fn: 'a' }, { A: `${one}/x`, B: two, C: `${one}0`, D: `${two},${one}` });
  published.moved(
    new Map([
      [one, two],
      [two, one],
    ]),
  );
  expect(versions(published, definitions, 'Fn')['1']?.environment).toEqual({
    A: `${two}/x`,
    B: one,
    C: `${one}0`,
    D: `${one},${two}`,
  });
});

test('a state folder that was moved takes its code along', () => {
  start({ Fn: 'a' });
  const moved = join(root, 'elsewhere');
  renameSync(stateDir, moved);
  stateDir = moved;
  const { published, definitions } = start({ Fn: 'b' });
  const { codeDir } = versions(published, definitions, 'Fn')['1']!;
  expect(codeDir).toBe(join(moved, 'code', 'asset.a'));
  expect(existsSync(codeDir!)).toBe(true);
});

test('a file of an earlier release is understood', () => {
  const old = {
    handler: 'index.handler',
    codeDir: '/x/code/asset.a',
    environment: {},
    timeoutSeconds: 3,
    memoryMb: 128,
  };
  writeFileSync(
    join(stateDir, 'function-versions.json'),
    JSON.stringify({ Fn: { last: 4, versions: { 4: { logicalId: 'a', configuration: old } } } }),
  );
  expect(start({ Fn: 'a' }).numbers).toEqual(['4']);
  expect(start({ Fn: 'b' }).numbers).toEqual(['5']);
});

test('an alias that left the template leads where it led as long as a text names it, also one of an earlier release, which kept none', () => {
  start({ Fn: 'a' });
  const file = join(stateDir, 'function-versions.json');
  const { Fn } = JSON.parse(readFileSync(file, 'utf8'));
  const { aliases: _, latest: __, ...earlier } = Fn;
  writeFileSync(file, JSON.stringify({ Fn: earlier }));

  // A start that is cut short before anything is given up.
  start({ Fn: 'b' });
  const definition = 'arn:aws:lambda:us-east-1:000000000000:function:Fn:live';
  for (const code of ['c', 'd', 'e', 'f']) expect(start({ Fn: code }).giveUp(definition)).not.toContain('Fn:1');
  const { published, definitions, giveUp } = start({ Fn: 'g' });
  expect(aliases(published, definitions, 'Fn')).toEqual({ live: '1' });
  expect(codes()).toContain('asset.a');
  expect(giveUp()).toEqual(expect.arrayContaining(['Fn:live', 'Fn:1']));
  expect(aliases(published, definitions, 'Fn')).toEqual({});
  expect(codes()).not.toContain('asset.a');
});

test('a version that was deleted stays deleted as long as its template is started, and is published anew after another one', () => {
  const first = start({ Fn: 'a' });
  first.published.delete('Fn', '1');
  first.published.delete('Fn', '7');
  first.published.save();
  expect(versions(first.published, first.definitions, 'Fn')).toEqual({});

  const same = start({ Fn: 'a' });
  expect(same.numbers).toEqual(['1']);
  expect(versions(same.published, same.definitions, 'Fn')).toEqual({});
  expect(same.giveUp()).toEqual([]);

  // Of a version that is in the template no more nothing is left at once.
  const second = start({ Fn: 'b' });
  expect(second.numbers).toEqual(['2']);
  const third = start({ Fn: 'c' });
  third.published.delete('Fn', '2');
  third.published.save();
  expect(start({ Fn: 'a' }).numbers).toEqual(['4']);
  expect(start({ Fn: 'b' }).numbers).toEqual(['5']);
});
