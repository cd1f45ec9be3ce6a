/** What a run without a protection says, held against the run with it under the same faults. Pure. */
import type { ChaosResult } from './chaos.ts';
import type { Protection } from './protections.ts';

export interface Verdict {
  isRight: boolean;
  sentence: string;
}

type Seen = Pick<ChaosResult, 'discrepancies' | 'mailsTwice'> & { faults: Pick<ChaosResult['faults'], 'rules'> };

/**
 * @param result a text when there is none
 * @param protection the one that was taken away; undefined: none
 * @param whole what was found with it in place
 */
export function judge(result: Seen | string, protection: Protection | undefined, whole?: Seen): Verdict {
  if (typeof result === 'string') return { isRight: false, sentence: `chaos itself failed, it ${result}` };
  const found = firstOf(result.discrepancies);
  if (!protection) {
    return found
      ? { isRight: false, sentence: `the books do not add up: ${found}` }
      : { isRight: true, sentence: 'the books add up' };
  }
  if (protection.noticedBy === 'the books') {
    return found
      ? { isRight: true, sentence: `noticed, ${result.discrepancies.length} discrepancies: ${found}` }
      : { isRight: false, sentence: 'survived: the books add up' };
  }
  const what = protection.noticedBy.slice('more: '.length);
  const [before, after] = [whole, result].map((seen) => counted(seen!, what));
  const numbers = `${what}: ${before} with it, ${after} without`;
  const books = found ? `; the books do not add up either: ${found}` : '; the books add up all the same';
  return after! > before!
    ? { isRight: true, sentence: `noticed, ${numbers}${books}` }
    : { isRight: false, sentence: `survived, ${numbers}${books}` };
}

function counted({ mailsTwice, faults }: Seen, what: string): number {
  if (what === 'mails twice') return mailsTwice;
  const rule = faults.rules.find(({ name }) => name === what);
  if (!rule) throw new Error(`nothing counts ${what}`);
  return rule.calls;
}

/** The one of the earliest order, with how many orders it took. */
function firstOf(discrepancies: readonly string[]): string | undefined {
  const [first] = discrepancies
    .map((sentence) => ({ sentence, order: Number(/chaos-\d+-(\d+)/.exec(sentence)?.[1] ?? Infinity) + 1 }))
    .sort((a, b) => a.order - b.order);
  if (!first) return undefined;
  return first.order === Infinity ? `in the end, ${first.sentence}` : `after ${first.order} orders, ${first.sentence}`;
}
