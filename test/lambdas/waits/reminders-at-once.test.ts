import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { WaitMessage } from '../../../lambdas/domain/wait.ts';
import { startDynamoDb } from '../../support/dynamodb.ts';
import { startFakeAws } from '../../support/fake-aws.ts';
import { consume, sqsEvent, streamEvent, waitMessage } from '../../support/wait-events.ts';

/**
 * What reminds of a wait runs, and before each of its calls of the table and of the scheduler in turn something else
 * happens, or it is killed and run again. Whenever that is: what is left is one schedule at the next reminder of what the
 * table says now, or none if there is nothing to remind of.
 */
const dynamodb = await startDynamoDb();
const aws = await startFakeAws();
afterAll(async () => {
  await aws.stop();
  await dynamodb.stop();
});
const { handler: remindWait } = await import('../../../lambdas/waits/remind-wait.ts');
const { handler: openWait } = await import('../../../lambdas/waits/open-wait.ts');
const { handler: deliverAnswer } = await import('../../../lambdas/waits/deliver-answer.ts');
const { documentClient } = await import('../../../lambdas/adapters/document-client.ts');
const { giveAnswer, readWait } = await import('../../../lambdas/adapters/wait-table.ts');
const { nextReminder } = await import('../../../lambdas/domain/reminder.ts');
const { scheduleNameOf } = await import('../../../lambdas/adapters/reminders.ts');

const entered = Date.parse('2030-01-02T00:00:00.000Z');
const time = (hour: number) => new Date(entered + hour * 3_600_000).toISOString();

class Killed extends Error {}
/** Counts the calls of what is under test; before the one with this number, `happens`. Its own calls do not count. */
const calls: { made: number; before: number; happens(): Promise<unknown>; inside: boolean } = {
  made: 0,
  before: Number.POSITIVE_INFINITY,
  happens: async () => {},
  inside: false,
};
async function call(): Promise<void> {
  if (calls.inside) return;
  calls.made += 1;
  if (calls.made !== calls.before) return;
  calls.inside = true;
  try {
    await calls.happens();
  } finally {
    calls.inside = false;
  }
}

const send = documentClient.send.bind(documentClient) as (command: unknown) => Promise<unknown>;
vi.spyOn(documentClient, 'send').mockImplementation((async (command: unknown) => {
  await call();
  return send(command);
}) as typeof documentClient.send);
aws.interruption.before = async (operation) => {
  if (operation.endsWith('Schedule')) await call();
};

/** The wait of one run: first entry with reminders after 8 and 20 hours. */
function world() {
  const orderId = `ord_${randomUUID().slice(0, 8)}`;
  const first = waitMessage({ orderId, enteredAt: time(0), remindAfterSeconds: [8 * 3600, 20 * 3600] });
  const second: WaitMessage = {
    ...first,
    taskToken: `${first.taskToken}, the second`,
    enteredAt: time(7.9),
    remindAfterSeconds: [12 * 3600],
    contact: 'supervisor',
  };
  for (const { taskToken } of [first, second]) aws.openTokens.add(taskToken);
  const { waitId } = first;
  const open = async (message: WaitMessage) => {
    while ((await consume(openWait, sqsEvent([message]))).length > 0);
  };
  const deliver = async () => {
    while ((await consume(deliverAnswer, streamEvent([waitId]))).length > 0);
  };
  const answer = () => giveAnswer(first, { action: 'picked', by: 'Robin', at: new Date().toISOString() });
  const remind = async () => {
    while ((await consume(remindWait, sqsEvent([{ waitId }]))).length > 0);
  };
  return { first, second, waitId, open, deliver, answer, remind };
}
type World = ReturnType<typeof world>;

/** What the schedule of the wait is, and what the table says that it should be. */
async function schedules({ waitId }: World) {
  const wait = await readWait(waitId);
  const next = nextReminder(wait, new Date());
  const is = aws.schedules.get(scheduleNameOf(waitId));
  return {
    is: is?.ScheduleExpression,
    should: next && `at(${next.at.slice(0, 19)})`,
  };
}

const events: Record<string, (world: World) => Promise<unknown>> = {
  nothing: async () => {},
  'its answer comes and is delivered': async ({ answer, deliver }) => {
    await answer();
    await deliver();
  },
  'it is escalated': ({ open, second }) => open(second),
  'it is escalated to somebody without reminders': ({ open, second }) => open({ ...second, remindAfterSeconds: [] }),
  'it is escalated, answered and delivered': async ({ open, second, answer, deliver }) => {
    await open(second);
    await answer();
    await deliver();
  },
  'its end comes, and is delivered': async ({ open, second, deliver }) => {
    const { contact: _, ...end } = second;
    await open({ ...end, remindAfterSeconds: [], answerIfNone: { error: 'WaitExpired' } });
    await deliver();
  },
  'the same runs at the same time': ({ remind }) => remind(),
  'its message comes again': ({ open, first }) => open(first),
  'the function is killed': () => Promise.reject(new Killed()),
};

const isSilent = new Set(['it is escalated to somebody without reminders', 'its end comes, and is delivered']);

const parts: Record<
  string,
  { hour: number; before?: (world: World) => Promise<unknown>; run(world: World): Promise<unknown> }
> = {
  'a wait is opened': { hour: 0, run: ({ open, first }) => open(first) },
  'a wait is reminded of': {
    hour: 8,
    before: ({ open, first }) => open(first),
    run: ({ remind }) => remind(),
  },
  'a wait is reminded of for the last time': {
    hour: 20,
    before: ({ open, first }) => open(first),
    run: ({ remind }) => remind(),
  },
  'a late reminder of an earlier entry runs': {
    hour: 8,
    before: async ({ open, first, second }) => {
      await open(first);
      await open(second);
    },
    run: ({ remind }) => remind(),
  },
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: entered });
});
afterEach(() => {
  vi.useRealTimers();
});

async function play(part: string, event: string, before: number) {
  const it = world();
  Object.assign(calls, { made: 0, before: Number.POSITIVE_INFINITY });
  vi.setSystemTime(time(0));
  await parts[part]!.before?.(it);
  vi.setSystemTime(time(parts[part]!.hour));
  Object.assign(calls, { made: 0, before, happens: () => events[event]!(it) });
  await parts[part]!.run(it);
  const { made } = calls;
  Object.assign(calls, { made: 0, before: Number.POSITIVE_INFINITY });
  return { it, made };
}

describe.each(Object.keys(parts))('%s', (part) => {
  it.each(Object.keys(events))('and at any moment %s', async (event) => {
    const undisturbed = (await play(part, 'nothing', 0)).made;
    expect(undisturbed).toBeGreaterThan(3);
    for (let before = 1; before <= undisturbed; before++) {
      const { it } = await play(part, event, before);
      const { is, should } = await schedules(it);
      if (is && isSilent.has(event)) {
        // Who has no reminders makes no call of the scheduler: what was there goes at its next invocation.
        vi.setSystemTime(time(20));
        await it.remind();
        expect(await schedules(it)).toEqual({});
      } else {
        expect(is, `before call ${before} of ${undisturbed}`).toEqual(should);
      }
    }
  });
});
