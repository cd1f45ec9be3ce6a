import { unmarshall } from '@aws-sdk/util-dynamodb';
import { scheduleNameOf } from '../../../lambdas/adapters/reminders.ts';
import { canonicalJson } from '../../../lambdas/domain/canonical-json.ts';
import type { Answer, Wait } from '../../../lambdas/domain/wait.ts';
import { Broken } from '../../support/exploration/search.ts';
import type { Invocation } from '../../support/exploration/stopped-handlers.ts';
import { schedulePlace, type TaskState, taskPlace, type World } from '../../support/exploration/world.ts';
import type { Rules, State } from './rendezvous-state.ts';

type Item = Wait & { token?: string };

const parsed = new Map<string, Item>();

/** A wait as a world holds it. */
export function waitIn(world: World, waitId: string): Item | undefined {
  const text = world.holds.get(`waits {"waitId":"${waitId}"}`);
  return text === undefined ? undefined : itemOf(text);
}

function itemOf(text: string): Item {
  const known = parsed.get(text);
  if (known) return known;
  const item = unmarshall(JSON.parse(text)) as Item;
  parsed.set(text, item);
  return item;
}

export const same = (a: unknown, b: unknown) => canonicalJson(a ?? null) === canonicalJson(b ?? null);

export function must(holds: unknown, rule: string): asserts holds {
  if (!holds) throw new Broken(rule);
}

const taskIn = (world: World, token: string) => JSON.parse(world.holds.get(taskPlace(token))!) as TaskState;

/** The answer as the workflow got it, to be compared with the answer in the table. */
const answerIn = ({ output, error, cause }: TaskState['taken'][number]) =>
  (error === undefined ? output : { error, ...JSON.parse(cause!) }) as Answer;

/** What must hold around the wait, whatever happens. */
export function rulesOf(waitId: string): Rules {
  return {
    ofOneCall(before, after, invocation) {
      for (const [place, text] of after.holds) {
        const was = before.holds.get(place);
        if (was === text) continue;
        if (place.startsWith('waits ')) ofItem(was === undefined ? undefined : itemOf(was), itemOf(text), invocation);
        if (place.startsWith('task ')) ofTask(JSON.parse(was!), JSON.parse(text), waitIn(after, waitId));
      }
    },
    ofTheEnd: (state) => ofTheEnd(state, waitIn(state.world, waitId)),
  };
}

function ofItem(was: Item | undefined, is: Item, { at }: Invocation): void {
  must(is.orderId && is.kind, 'nobody writes to a wait that there is not');
  if (!was) return;
  must(!was.answer || same(was.answer, is.answer), 'an answer never changes: the first one wins');
  const [before, now] = [was.tokenSequence ?? '', is.tokenSequence ?? ''];
  must(now >= before, 'a stale token never replaces a newer one');
  must(now !== before || was.token === is.token, 'a token has its own place in the order of tokens');
  if (!same(was.linksRetired, is.linksRetired)) {
    must(is.openedAt, 'only the links of an open wait are retired');
    must((is.linkGeneration ?? 0) === (was.linkGeneration ?? 0) + 1, 'a retirement retires all links before it');
  }
  if (!is.claim || same(was.claim, is.claim)) return;
  must(is.openedAt, 'only an open wait is claimed');
  must(
    !was.claim || was.claim.by === is.claim.by || was.claim.until <= at,
    'nobody takes over a claim before it lapses',
  );
}

function ofTask(was: TaskState, is: TaskState, wait: Item | undefined): void {
  if (is.taken.length === was.taken.length) return;
  must(is.taken.length === 1, 'a task gets one answer');
  must(same(answerIn(is.taken[0]!), wait?.answer), 'what is delivered is the answer of the wait');
}

function ofTheEnd({ world, messages, faulty }: State, wait: Item | undefined): void {
  const tasks = messages.map(({ token }) => ({ token, ...taskIn(world, token.taskToken) }));
  const newest = tasks.at(-1)!;
  must(wait?.token === newest.token.taskToken, 'the newest token is in the table in the end');
  if (wait.answer) {
    must(!newest.open, 'an answer reaches the task that waits for it');
    must(!wait.openedAt && !wait.waiting, 'a wait that is answered is not among the open ones');
    must(wait.deliveredAt || wait.tooLateAt, 'how the delivery ended is on record');
    must(!(wait.deliveredAt && wait.tooLateAt), 'an answer is delivered or too late, not both');
    must(!wait.deliveredAt || newest.taken.length === 1, 'what is recorded as delivered was delivered');
    must(!wait.tooLateAt || newest.taken.length === 0 || faulty, 'what is recorded as too late was not delivered');
  } else {
    must(
      tasks.every(({ taken }) => taken.length === 0),
      'nothing is delivered that nobody has answered',
    );
    must(wait.openedAt && wait.waiting, 'a wait that nobody has answered is among the open ones');
    must(!wait.remindAt || hasSchedule(world, wait), 'an open wait has a schedule for its reminders');
    must(hasMail(world, wait), 'whoever has to answer is asked');
    must(!newest.token.ends, 'the end of a wait is an answer');
    must(messages.at(-1)!.stage !== 'failed', 'a dead letter is an answer');
  }
}

/** Mails are kept under their key, which begins with the entry of the wait that they ask about. */
const hasMail = (world: World, { waitId, tokenSequence }: Item) =>
  world.holds.has(`sandbox ${canonicalJson({ key: `mail#${waitId}#${tokenSequence}` })}`);

/** Perhaps that of an entry before: when it is due, it is moved to what the table says then. */
const hasSchedule = (world: World, { waitId }: Item) => world.holds.has(schedulePlace(scheduleNameOf(waitId)));
