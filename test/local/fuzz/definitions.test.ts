import fc from 'fast-check';
import { expect, it } from 'vitest';
import { InvalidDefinition, type Machine, parseMachine } from '../../../local/asl/machine.ts';
import { variableReferences } from '../../../local/engine/variable-references.ts';
import { definitions, inputs } from './arbitrary-definition.ts';
import { expectSoundHistory, FuzzDriver } from './fuzz-driver.ts';
import { fuzzRuns, fuzzTimeoutMs } from './fuzz-runs.ts';
import { mutants } from './mutations.ts';
import { randomReports } from './task-reports.ts';

/** The machine, or undefined after a refusal that says what is wrong. */
function parse(text: string): Machine | undefined {
  try {
    return parseMachine(text);
  } catch (error) {
    if (!(error instanceof InvalidDefinition)) throw error;
    expect(error.problems.length).toBeGreaterThan(0);
    for (const { code, message } of error.problems) expect(`${code} ${message}`).toMatch(/^[A-Z_]+ .+/s);
    return undefined;
  }
}

it(
  'a definition with something wrong in it is refused with a message, or runs to one end',
  async () => {
    let refused = 0;
    let ran = 0;
    const cases = fc.record({
      definition: mutants(definitions()),
      input: inputs,
      seed: fc.integer({ min: 1, max: 2 ** 30 }),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ definition, input, seed }) => {
        const machine = parse(JSON.stringify(definition));
        if (!machine) {
          refused += 1;
          return;
        }
        ran += 1;
        variableReferences(machine);
        const driver = await new FuzzDriver({ definition, input, seed, tasks: randomReports(seed) }).run();
        expectSoundHistory(driver.events);
        expect(driver.outstanding).toEqual({ tasks: [], timers: [] });
      }),
      fuzzRuns(300),
    );
    expect(refused).toBeGreaterThan(0);
    expect(ran).toBeGreaterThan(0);
  },
  fuzzTimeoutMs,
);

it(
  'a text that is no JSON is refused with the place',
  () => {
    const texts = fc
      .tuple(definitions(), fc.nat(), fc.constantFrom('', '{', ']', '"', ',', '\\', '\u0000', 'tru', '01', '\ud800'))
      .map(([definition, place, noise]) => {
        const text = JSON.stringify(definition);
        const from = place % text.length;
        return text.slice(0, from) + noise + text.slice(from + 1);
      });
    fc.assert(
      fc.property(texts, (text) => {
        const machine = parse(text);
        if (machine) JSON.parse(text);
      }),
      fuzzRuns(200),
    );
  },
  fuzzTimeoutMs,
);

it('anything else than a definition is refused with a message', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(parse(text)).toBeUndefined();
    }),
    fuzzRuns(200),
  );
});
