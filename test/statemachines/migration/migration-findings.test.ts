import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readMapping } from '../../../statemachines/migration/mapping.ts';
import { migrationFindings } from '../../../statemachines/migration/migration-findings.ts';
import { sentenceOf } from '../../../statemachines/rules/finding.ts';

const written = readFileSync(new URL('../../../statemachines/order-fulfillment.asl.json', import.meta.url), 'utf8');

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'migration-'));
  mkdirSync(join(folder, 'earlier'));
  file = join(folder, 'orders.asl.json');
  writeFileSync(file, written);
  writeFileSync(join(folder, 'earlier/v1.json'), written.replaceAll('AwaitPicking"', 'AwaitPicker"'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const map = (entries: unknown) => writeFileSync(join(folder, 'orders.migration.json'), JSON.stringify(entries));
const sentences = () => migrationFindings(file).map(sentenceOf);
const renamed = { from: 'earlier/v1.json', states: { AwaitPicker: 'AwaitPicking' } };

test('a process that has no mapping has nothing to be checked', () => {
  expect(migrationFindings(file)).toEqual([]);
  expect(readMapping(file)).toEqual({ mapping: [], findings: [] });
});

test('a mapping is read with the definitions that it is from, and is sound if each wait of those has its target', () => {
  map([{ comment: 'who picks, not who is waited for', ...renamed }]);
  expect(migrationFindings(file)).toEqual([]);
  const [entry] = readMapping(file).mapping;
  expect(entry).toMatchObject({ place: 'orders.migration.json[0]', states: { AwaitPicker: { to: 'AwaitPicking' } } });
  expect(JSON.parse(entry!.from).States.AwaitPicker.Type).toBe('Task');
});

describe('what is wrong with one is found', () => {
  test.each<[string, unknown, string]>([
    [
      'a wait without a target',
      [{ ...renamed, states: {} }],
      'AwaitPicker: orders.migration.json[0]/states/AwaitPicker: found no state AwaitPicker in the new definition, expected a state in which its executions go on',
    ],
    [
      'a file that there is not',
      [{ ...renamed, from: 'earlier/v2.json' }],
      'orders.migration.json[0]/from: found no file earlier/v2.json, expected an earlier definition',
    ],
    [
      'two entries from the same definition',
      [renamed, renamed],
      'orders.migration.json[1]/from: found the definition that orders.migration.json[0] is from, too, expected one entry for each',
    ],
    [
      'a field that nobody reads',
      [{ ...renamed, state: {} }],
      'orders.migration.json/0: found Unrecognized key: "state", expected a mapping as in statemachines/migration/mapping.ts',
    ],
    [
      'an earlier definition that would be taken for a process',
      [{ ...renamed, from: 'earlier/v1.asl.json' }],
      'orders.migration.json/0/from: found must not end in .asl.json: it is no process any more, expected a mapping as in statemachines/migration/mapping.ts',
    ],
  ])('%s', (_title, entries, sentence) => {
    map(entries);
    expect(sentences()).toContain(sentence);
  });

  test('what is no JSON, and what never was a definition', () => {
    writeFileSync(join(folder, 'orders.migration.json'), '[');
    expect(sentences()).toEqual([
      expect.stringMatching(/^orders\.migration\.json: found Invalid input: .*expected a mapping/),
    ]);
    map([renamed]);
    writeFileSync(join(folder, 'earlier/v1.json'), '{ "StartAt": "A" }');
    expect(sentences()).toEqual([
      expect.stringMatching(/^orders\.migration\.json\[0\]\/from: found .*SCHEMA_VALIDATION_FAILED/),
    ]);
    writeFileSync(join(folder, 'earlier/v1.json'), '{');
    expect(sentences()).toEqual([expect.stringMatching(/^orders\.migration\.json\[0\]\/from: found /)]);
  });
});
