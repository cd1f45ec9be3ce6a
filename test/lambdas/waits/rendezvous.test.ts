/** Token and answer meet in one item, in any order, with redeliveries and crashes: one answer is delivered, the first. */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { GivenAnswer } from '../../../lambdas/adapters/wait-table.ts';
import type { Answer } from '../../../lambdas/domain/wait.ts';
import { startDynamoDb } from '../../support/dynamodb.ts';
import { conditionsIn, couldRead, type Mutation, watchWrites } from '../../support/exploration/mutations.ts';
import { Broken, type Explored, explore, settle } from '../../support/exploration/search.ts';
import { startFakeAws } from '../../support/fake-aws.ts';
import { consume, sqsEvent, streamEvent, waitMessage } from '../../support/wait-events.ts';

const dynamodb = await startDynamoDb();
const aws = await startFakeAws();
const { startStage } = await import('./rendezvous-stage.ts');
const { handler: openWait } = await import('../../../lambdas/waits/open-wait.ts');
const { handler: deliverAnswer } = await import('../../../lambdas/waits/deliver-answer.ts');
const { giveAnswer, readWait } = await import('../../../lambdas/adapters/wait-table.ts');
const stage = await startStage(aws);
afterAll(async () => {
  stage.stop();
  await aws.stop();
  await dynamodb.stop();
});

/** `MORE_EVENTS=1 npx vitest run test/lambdas/waits/rendezvous.test.ts` takes minutes, and some gigabytes. */
const more = Number(process.env.MORE_EVENTS ?? 0);
/** How much happens in the histories of each plot: as much as it takes to show that each condition is needed. */
const mostEvents: Record<string, number> = {
  rendezvous: 5 + more,
  links: 4 + more,
  inbox: 4 + more,
  detector: 4 + more,
  reminders: 4 + more,
};

// Before the tests are known: each condition that is seen on the way gets tests of its own.
const writes = watchWrites('waits', ({ waitId }) => String(waitId).split('#')[1]!);
const explored = new Map<string, Explored>();
for (const [plot, events] of Object.entries(mostEvents)) {
  const began = process.cpuUsage();
  const found = await explore(stage.space(plot, events, writes.noteIn(plot)));
  explored.set(plot, found);
  const { user, system } = process.cpuUsage(began);
  const [histories, states] = [found.histories, found.states].map((count) => count.toLocaleString('en'));
  console.log(
    `${plot}: ${histories} histories of up to ${events} events, in ${states} states, ${(user + system) / 1e6} s of CPU`,
  );
}

describe('every history of a wait', () => {
  it.each([...explored])('keeps the rules (%s)', (_, { broken }) => {
    expect(broken).toBeUndefined();
  });

  it('of twelve events as well, of those that were tried', async () => {
    const picks = fc.array(fc.nat(), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.keys(mostEvents)), picks, async (plot, picked) => {
        const space = stage.space(plot, 12);
        const history: string[] = [];
        try {
          let state = space.start;
          for (const pick of picked) {
            const moves = space.movesFrom(state);
            const move = moves[pick % moves.length];
            if (!move) break;
            history.push(move.what);
            state = await move.after();
          }
          await settle(space, state, new Set(), history);
        } catch (error) {
          if (!(error instanceof Broken)) throw error;
          throw new Error(`${error.message}: ${history.join('; ')}`);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('every condition of a write to the table of waits', () => {
  const adapters = new URL('../../../lambdas/adapters/', import.meta.url);
  const written = readdirSync(adapters)
    .map((file) => ({ file, source: readFileSync(new URL(file, adapters), 'utf8') }))
    .filter(({ source }) => source.includes('WAITS_TABLE'))
    .flatMap(({ file, source }) => conditionsIn(source).map((condition) => ({ file, condition })));

  it.each(written)('is met on the way: $condition ($file)', ({ condition }) => {
    const seen = [...writes.seen.values()].filter((write) => couldRead(condition, write.condition));
    expect(seen, 'no plot makes this write: it needs an event that does').not.toEqual([]);
  });

  const mutations = writes.mutations().map((mutation): [string, Mutation] => [titleOf(mutation), mutation]);
  it.for(mutations)('is needed: %s', async ([, mutation], { annotate }) => {
    const broken = await firstBroken(mutation);
    expect(broken, 'nothing that can happen shows that it is gone').toBeDefined();
    await annotate(`breaks "${broken!.rule}": ${broken!.history.join('; ')}`);
  });

  /** With the fewest events that break a rule when a write has lost a part of its condition. */
  async function firstBroken(mutation: Mutation): Promise<Explored['broken']> {
    for (let events = 1; events <= Math.max(...Object.values(mostEvents)); events++) {
      for (const plot of mutation.write.where) {
        if (events > mostEvents[plot]!) continue;
        const { broken } = await explore(stage.space(plot, events, writes.under(mutation)));
        if (broken) return broken;
      }
    }
    return undefined;
  }
});

function titleOf({ write, without }: Mutation): string {
  const [, sets = 'nothing'] = /SET (.*?)(?: REMOVE| IF)/.exec(write.does) ?? [];
  const attributes = sets.replaceAll(/#| = [^,]*\([^)]*\)| = [^,]*/g, '');
  return `${without} (${[...write.by].join(', ')}; sets ${attributes} if ${write.condition})`;
}

it('everybody at once: whoever answers is told the same answer, and it alone is delivered', async () => {
  for (let round = 0; round < 15; round++) {
    aws.deliveries.length = 0;
    const message = waitMessage({
      orderId: `ord_${round}`,
      ...(round % 3 === 0 && { answerIfNone: { error: 'WaitExpired' } }),
    });
    const { waitId, taskToken } = message;
    aws.openTokens.add(taskToken);
    const open = () => consume(openWait, sqsEvent([message]));
    const deliver = () => consume(deliverAnswer, streamEvent([waitId]));
    const answers = ['picked', 'not-found', 'picked'].map((action, index) => ({
      action,
      by: String(index),
      at: 'then',
    }));
    const everyAnswer = [...answers, { error: 'OrderCancelled', by: 'shop', at: 'then' }] satisfies Answer[];
    const [, , , ...told] = await Promise.all([
      open(),
      deliver(),
      open(),
      ...everyAnswer.map((answer) => giveAnswer(message, answer)),
    ]);
    expect(await deliver()).toEqual([]);

    const { answer } = (await readWait(waitId))!;
    expect(told.map((one) => (one as GivenAnswer).answer)).toEqual(everyAnswer.map(() => answer));
    expect(told.filter((one) => (one as GivenAnswer).given)).toHaveLength(answer!.error === 'WaitExpired' ? 0 : 1);
    const [{ token, output, error, cause }] = aws.deliveries as [(typeof aws.deliveries)[number]];
    expect({ token, answer: error === undefined ? output : { error, ...JSON.parse(cause!) } }).toEqual({
      token: taskToken,
      answer,
    });
    expect(aws.deliveries).toHaveLength(1);
  }
});
