import type { DynamoDBStreamEvent } from 'aws-lambda';
import type { GivenAnswer } from '../../../lambdas/adapters/wait-table.ts';
import type { Answer, Contact, Wait, WaitKey, WaitMessage } from '../../../lambdas/domain/wait.ts';
import { compileFilter } from '../../../local/aws/event-sources/filter-criteria.ts';
import { request } from '../../support/http-event.ts';
import { consume, sqsEvent, waitMessage } from '../../support/wait-events.ts';
import { must, same, waitIn } from './rendezvous-rules.ts';
import type { Asking, Cast, Token } from './rendezvous-state.ts';

/** The real handlers, and what they get. Loads them: the environment must be there. */
export async function castOf(orderId: string): Promise<Cast> {
  const { handler: openWait } = await import('../../../lambdas/waits/open-wait.ts');
  const { handler: failDeadWait } = await import('../../../lambdas/waits/fail-dead-wait.ts');
  const { handler: deliverAnswer } = await import('../../../lambdas/waits/deliver-answer.ts');
  const { handler: cancelOrder } = await import('../../../lambdas/api/cancel-order.ts');
  const { giveAnswer, giveAnswerByLink, readWait } = await import('../../../lambdas/adapters/wait-table.ts');
  const { retireLinks } = await import('../../../lambdas/adapters/wait-links.ts');
  const { tellAgain } = await import('../../../lambdas/adapters/stuck-candidates.ts');
  const { claimWork, releaseWork } = await import('../../../lambdas/adapters/wait-claims.ts');
  const { carrierPickupWaitOf, pickingWaitOf } = await import('../../../lambdas/domain/wait.ts');
  const { undeliveredAnswer } = await import('../../../lib/waits.ts');
  const picking = pickingWaitOf(orderId);
  const carrierPickup = carrierPickupWaitOf(orderId);

  const firstMessage = waitMessage({ orderId, taskToken: 'first token' });
  const messages = new Map<Token, WaitMessage>();
  function token(name: string, changes: Partial<WaitMessage>): Token {
    const message = { ...firstMessage, taskToken: `${name} token`, ...changes };
    const made = { name, taskToken: message.taskToken, ends: message.answerIfNone !== undefined };
    messages.set(made, message);
    return made;
  }
  const first = token('first', {});
  const retried = token('retried', { retryCount: 1 });
  const escalated = token('escalated', { enteredAt: '2030-01-03T03:04:05.678Z', contact: 'supervisor' });
  const last = token('last', { enteredAt: '2030-01-04T03:04:05.678Z', answerIfNone: { error: 'WaitExpired' } });
  const reminded = token('first', { remindAfterSeconds: [3600] });
  const remindedLater = token('escalated', { enteredAt: '2030-01-03T03:04:05.678Z', remindAfterSeconds: [3600, 7200] });
  const messageOf = (of: Token) => messages.get(of)!;

  /** Somebody gives a wait this answer, as the carrier and the undos do it, or with a link of this generation. */
  function answering(name: string, wait: WaitKey, answer: Answer, generation?: number): Asking {
    const give = () =>
      generation === undefined ? giveAnswer(wait, answer) : giveAnswerByLink(wait, answer, generation);
    return {
      invocation: { name, at: answer.at, handle: give },
      // Nobody has a link of a generation that there is not yet.
      can: (world) => (generation ?? 0) <= (waitIn(world, wait.waitId)?.linkGeneration ?? 0),
      told(told, world) {
        const item = waitIn(world, wait.waitId);
        const retired = generation !== undefined && (item?.linkGeneration ?? 0) !== generation;
        if (told === 'retired') return must(retired, 'who has a good link is not told that it is retired');
        const { given, answer: said } = told as GivenAnswer;
        must(same(said, item?.answer), 'whoever answers is told the answer that stands');
        must(!given || same(said, answer), 'whoever is told to be the first is the first');
        must(!retired, 'a retired link does not answer');
      },
    };
  }

  const claiming = (name: string, by: string, at: string): Asking => ({
    invocation: { name, at, handle: () => claimWork(picking.waitId, { by, until: hoursAfter(at, 2) }, new Date(at)) },
    told(told, world) {
      const item = waitIn(world, picking.waitId);
      const free = !item?.claim || item.claim.by === by || item.claim.until <= at;
      if (told) must(item?.claim?.by === by, 'who is told to have a wait has it');
      else must(!item?.openedAt || !free, 'an open wait that nobody has can be claimed');
    },
  });
  const releasing = (name: string, by: string, at: string): Asking => ({
    invocation: { name, at, handle: () => releaseWork(picking.waitId, by) },
    told(told, world, before) {
      const [was, is] = [before, world].map((each) => waitIn(each, picking.waitId)?.claim);
      if (told) must(was?.by === by && !is, 'everybody gives back what is theirs');
      else must(was?.by !== by, 'who has a wait can give it back');
    },
  });

  const retiring = (name: string, contact: Contact, at: string): Asking => ({
    invocation: {
      name,
      at,
      handle: async () => {
        const wait = await readWait(picking.waitId);
        return wait && retireLinks(wait, contact, new Date(at));
      },
    },
    told(told, world) {
      const item = waitIn(world, picking.waitId);
      if (told) must((told as Wait).linkGeneration === item?.linkGeneration, 'the link that is sent is a good one');
      else must(!item?.openedAt, 'the links of an open wait can be retired');
    },
  });

  const detecting = (at: string): Asking => ({
    invocation: {
      name: 'the detector tells of it again',
      event: at,
      at,
      handle: () => tellAgain(picking.waitId, new Date(at)),
    },
    // It may have looked a while ago: the answer may have been delivered meanwhile.
    can: (world) => waitIn(world, picking.waitId)?.answer !== undefined,
    told() {},
  });

  const cancelling: Asking = {
    invocation: {
      name: 'a cancellation',
      at: '2030-01-02T07:00:00.000Z',
      handle: () =>
        request(cancelOrder, {
          method: 'POST',
          path: `/orders/${orderId}/cancellation`,
          pathParameters: { orderId },
        }),
    },
    told(told, world) {
      const { status } = told as Awaited<ReturnType<typeof request>>;
      const pickup = waitIn(world, carrierPickup.waitId)?.answer;
      const picked = waitIn(world, picking.waitId)?.answer;
      if (status === 202) must(pickup?.error && picked, 'an accepted cancellation closes both waits');
      else if (status === 409) must(pickup?.action, 'a cancellation is refused when the carrier has the parcel');
      else must(status === 503, `a cancellation is told ${status}`);
    },
  };

  const notFound = { action: 'not-found', by: 'B', at: '2030-01-02T06:00:00.000Z' };
  const answerA = answering('answer A', picking, { action: 'picked', by: 'A', at: '2030-01-02T05:00:00.000Z' }, 0);
  const pickup = answering('the pickup', carrierPickup, {
    action: 'picked-up',
    by: 'carrier',
    at: '2030-01-02T08:00:00.000Z',
  });

  const passes = compileFilter([undeliveredAnswer.pattern]);
  const passing = new Map<string, boolean>();
  const passesFilter = (image: string) => {
    const known = passing.get(image) ?? passes({ eventName: 'MODIFY', dynamodb: { NewImage: JSON.parse(image) } });
    passing.set(image, known);
    return known;
  };
  return {
    openWait: (token) => ({
      name: `open-wait (${token.name})`,
      event: JSON.stringify(messageOf(token)),
      at: messageOf(token).enteredAt,
      handle: () => consume(openWait, sqsEvent([messageOf(token)])),
    }),
    failDeadWait: (token) => ({
      name: `fail-dead-wait (${token.name})`,
      event: JSON.stringify(messageOf(token)),
      at: messageOf(token).enteredAt,
      handle: () => consume(failDeadWait, sqsEvent([messageOf(token)])),
    }),
    deliverAnswer: (image) => ({
      name: 'deliver-answer',
      event: image,
      at: '2030-01-05T00:00:00.000Z',
      handle: () => consume(deliverAnswer, recordOf(image)),
    }),
    passesFilter,
    plots: {
      rendezvous: {
        tokens: [first, retried, escalated, last],
        askings: [answerA, answering('answer B', picking, notFound), cancelling, pickup],
      },
      links: {
        tokens: [first, escalated],
        askings: [
          answerA,
          answering('answer B by a later link', picking, notFound, 1),
          cancelling,
          retiring('the links are sent to the supervisor alone', 'supervisor', '2030-01-02T04:00:00.000Z'),
          retiring('the links are sent to the warehouse alone', 'warehouse', '2030-01-02T05:00:00.000Z'),
          retiring('the links are sent to the operator alone', 'operator', '2030-01-02T06:00:00.000Z'),
        ],
      },
      detector: {
        tokens: [first, retried],
        askings: [answerA, detecting('2030-01-06T00:00:00.000Z')],
        detector: {
          // It asks the index of what is waited for, in which only what has a deadline is.
          mustAct(world) {
            const wait = waitIn(world, picking.waitId);
            return wait?.waiting === 'delivery' && wait.expiresAt !== undefined;
          },
          tells: detecting('2030-01-07T00:00:00.000Z'),
        },
      },
      reminders: {
        tokens: [reminded, remindedLater, last],
        askings: [answerA],
      },
      inbox: {
        tokens: [first],
        askings: [
          answerA,
          claiming('Ada claims it', 'Ada', '2030-01-02T04:00:00.000Z'),
          claiming('Ada claims it again', 'Ada', '2030-01-02T05:00:00.000Z'),
          claiming('Bob claims it', 'Bob', '2030-01-02T05:30:00.000Z'),
          claiming('Bob claims it much later', 'Bob', '2030-01-02T07:00:00.000Z'),
          releasing('Ada gives it back', 'Ada', '2030-01-02T08:00:00.000Z'),
        ],
      },
    },
  };
}

function recordOf(image: string): DynamoDBStreamEvent {
  const NewImage = JSON.parse(image);
  return {
    Records: [
      {
        eventID: '1',
        eventName: 'MODIFY',
        eventSource: 'aws:dynamodb',
        dynamodb: {
          Keys: { waitId: NewImage.waitId },
          NewImage,
          SequenceNumber: '1',
          StreamViewType: 'NEW_IMAGE',
        },
      },
    ],
  };
}

const hoursAfter = (at: string, hours: number) => new Date(Date.parse(at) + hours * 3_600_000).toISOString();
