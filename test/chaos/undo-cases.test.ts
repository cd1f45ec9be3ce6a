/** What the cases of undo.test.ts are derived from, and that they grow with it. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { steps, waits } from '../../statemachines/order-fulfillment.steps.ts';
import type { Steps } from '../../statemachines/step-row.ts';
import { fillDefinition } from '../../statemachines/wait-substitutions.ts';
import { coveringCases, everyCase, type UndoSpace, undoSpace } from './undo-cases.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const definitionFile = 'statemachines/order-fulfillment.asl.json';
const spaceOf = (definition: string, rows: Steps): UndoSpace =>
  undoSpace(JSON.parse(fillDefinition(definition, waits)), rows, () => 6);

/** The definition with the changes that the guide makes to it. */
function withTheGuidesStep(): string {
  let text = read(definitionFile);
  const guide = read('docs/add-a-step.md');
  const changes = /In `([^`]+)`, (?:replace `(.+)` by `(.+)`\.|above the line `(.+)`:\n\n```\w+\n([\s\S]*?)\n```)/g;
  for (const [, file, before, after, line, lines] of guide.matchAll(changes)) {
    if (file !== definitionFile) continue;
    expect(text).toContain(before ?? line);
    text = before ? text.replaceAll(before, after!) : text.replace(line!, () => `${lines}\n${line}`);
  }
  return text;
}

const space = spaceOf(read(definitionFile), steps);
const titles = ({ entries }: UndoSpace) => entries.map(({ title }) => title);

test('every step that the process undoes on failure has all its ends among the entries', () => {
  for (const step of ['ChargePayment', 'ReserveInventory', 'CreateShippingLabel', 'SendConfirmationEmail']) {
    const ends = titles(space).filter((title) => title.startsWith(`${step} ends`));
    expect(ends.some((title) => title.includes('was not done'))).toBe(true);
    expect(ends.some((title) => title.includes('was done'))).toBe(true);
    expect(ends.filter((title) => title.includes('killed after') && !title.includes('gone'))).toHaveLength(5);
  }
});

test('every wait has its ends among the entries: cancelled, expired, not opened', () => {
  for (const wait of Object.keys(waits).filter((state) => !state.endsWith('Operator'))) {
    const ends = titles(space).filter((title) => title.startsWith(`${wait} ends`));
    for (const error of ['OrderCancelled', 'WaitExpired', 'WaitNotOpened']) {
      expect(ends).toContain(`${wait} ends with ${error}, as its answer`);
    }
  }
});

/** Whoever follows the guide has it in the definition itself. */
describe.skipIf('InsureGoods' in steps)('a step that is added as the guide says', () => {
  const withIt = {
    InsureGoods: { ...steps.ReserveInventory, undoneBy: 'CancelInsurance' },
    CancelInsurance: steps.ReleaseInventory,
  };
  let grown: UndoSpace;
  beforeAll(() => {
    grown = spaceOf(withTheGuidesStep(), { ...steps, ...withIt });
  });

  test('is an entry in every way that it can end', () => {
    const added = titles(grown).filter((title) => !titles(space).includes(title));
    expect(added.every((title) => title.startsWith('InsureGoods ends'))).toBe(true);
    expect(added).toHaveLength(6 + 5);
  });

  test('is undone in every case that begins after it, and its undo fails in every way that undos can', () => {
    expect(grown.undos).toEqual(['RefundPayment', 'ReleaseInventory', 'CancelInsurance', 'VoidShippingLabel']);
    const later = grown.entries.filter(({ state }) => /^Await|^Escalate|^Expire|Label|Email/.test(state));
    for (const { undo } of later) expect(undo).toContain('CancelInsurance');
    const ways = grown.ways.get('CancelInsurance')!.map(({ title }) => title);
    expect(ways).toEqual(grown.ways.get('ReleaseInventory')!.map(({ title }) => title));
    const covering = coveringCases(grown).map(({ title }) => title);
    for (const way of ways.slice(1)) {
      expect(covering.some((title) => title.includes(`CancelInsurance ${way}`))).toBe(true);
    }
  });

  test('makes more cases', () => {
    expect(coveringCases(grown).length).toBeGreaterThan(coveringCases(space).length);
    expect([...everyCase(grown)].length).toBeGreaterThan([...everyCase(space)].length);
  });
});

describe('the few cases hold', () => {
  const cases = coveringCases(space);

  test('every entry', () => {
    expect(new Set(cases.map(({ entry }) => entry.title))).toEqual(new Set(titles(space)));
  });

  test.each(space.undos)('every way of %s, with the parcel still there', (undo) => {
    const played = cases.filter(({ entry }) => !entry.scanned).map(({ ways }) => ways[undo]?.title);
    expect(new Set(played.filter(Boolean))).toEqual(new Set(space.ways.get(undo)!.map(({ title }) => title)));
  });

  test('every pair of undos that give up, each in every way of giving up', () => {
    const kinds = ['gives up', 'gives up having acted', 'gives up halfway'];
    for (const [index, one] of space.undos.entries()) {
      for (const other of space.undos.slice(index + 1)) {
        for (const kind of kinds) {
          for (const otherKind of kinds) {
            const found = cases.some(({ ways }) => ways[one]?.kind === kind && ways[other]?.kind === otherKind);
            expect(found, `${one} ${kind}, ${other} ${otherKind}`).toBe(true);
          }
        }
      }
    }
  });
});
