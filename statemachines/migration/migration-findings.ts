import { readFileSync } from 'node:fs';
import { InvalidDefinition, parseMachine } from '../../local/asl/machine.ts';
import type { Finding } from '../rules/finding.ts';
import type { Group } from '../rules/process.ts';
import { entriesFor } from './entry-for.ts';
import { type MappingEntry, readMapping } from './mapping.ts';
import { planOf } from './plan.ts';

/**
 * What is wrong with `<name>.migration.json` beside a definition file, if there is one: each of its entries against the earlier
 * definition and this one. The command that moves executions asks again, about the two that are deployed.
 */
export function migrationFindings(definitionFile: string): Finding[] {
  const definition: Group = JSON.parse(readFileSync(definitionFile, 'utf8'));
  const { mapping, findings } = readMapping(definitionFile);
  return [
    ...findings,
    ...mapping.flatMap((entry) => {
      const refused = refusal(entry);
      if (refused) return [refused];
      const [other] = entriesFor(entry.from, mapping).filter((one) => one !== entry);
      if (other) {
        const found = `the definition that ${other.place} is from, too`;
        return [{ field: `${entry.place}/from`, found, expected: 'one entry for each' }];
      }
      return planOf(JSON.parse(entry.from), definition, entry).findings;
    }),
  ];
}

/** What was deployed once must be a definition; what its `${...}` stood for is not known any more. */
function refusal({ place, from }: MappingEntry): Finding | undefined {
  try {
    parseMachine(from.replaceAll(/\$\{\w+\}/g, '1'));
    return undefined;
  } catch (error) {
    if (!(error instanceof InvalidDefinition)) throw error;
    const expected = 'a definition that CreateStateMachine takes';
    return { field: `${place}/from`, found: error.message.split('\n')[0]!, expected };
  }
}
