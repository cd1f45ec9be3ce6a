import { toleratedRefusal } from './api-client.ts';
import type { Step } from './case-format.ts';
import { fillIn } from './references.ts';
import { type Actor, errorResult, type World } from './world.ts';

interface Message {
  Body: string;
}

/** Steps that run beside the others, each tried again until it succeeds. */
export function startBackground(world: World, steps: Step[]): Actor {
  const left = [...steps];
  return {
    async act() {
      const step = left[0];
      if (!step) return false;
      try {
        const params = fillIn(step.params ?? {}, world.lookup) as Record<string, unknown>;
        const answer = await world.api.call(step.api!, params);
        if (step.api === 'sqs.receiveMessage' && !((answer.Messages as unknown[]) ?? []).length) return false;
        if (step.id !== undefined) world.results.set(step.id, answer);
      } catch (error) {
        errorResult(error);
        return false;
      }
      left.shift();
      return true;
    },
  };
}

/** Answers every task token that it finds in a queue, as its mode says. */
export function startTokenResponder(world: World, mode: string, QueueUrl: string): Actor {
  const later: { atSeconds: number; act: () => Promise<unknown> }[] = [];
  const call = (operation: string, params: Record<string, unknown>) =>
    world.api.call(`stepfunctions.${operation}`, params).catch(toleratedRefusal);

  async function answer(body: Record<string, unknown>): Promise<void> {
    const taskToken = body.TaskToken;
    const succeed = () => call('sendTaskSuccess', { taskToken, output: JSON.stringify(body.Message) });
    if (mode === 'success') await succeed();
    else if (mode === 'failure') {
      await call('sendTaskFailure', { taskToken, error: 'Failure error', cause: 'Failure cause' });
    } else if (mode === 'heartbeatThenSuccess') {
      later.push({
        atSeconds: world.passedSeconds + 5,
        act: async () => {
          await call('sendTaskHeartbeat', { taskToken });
          await succeed();
        },
      });
    } else if (mode === 'shouldFail') {
      if (body.ShouldFail === 'yes') {
        await call('sendTaskFailure', { taskToken, error: 'IntentionalFail', cause: 'Intentional failure' });
      } else {
        await call('sendTaskSuccess', { taskToken, output: '{"message": "Successfully executed lambda"}' });
      }
    } else throw new Error(`The runner does not know the responder ${mode}.`);
  }

  return {
    async act() {
      const due = later.findIndex(({ atSeconds }) => atSeconds <= world.passedSeconds);
      if (due >= 0) {
        await later.splice(due, 1)[0]!.act();
        return true;
      }
      const { Messages = [] } = await world.api.call('sqs.receiveMessage', { QueueUrl, MaxNumberOfMessages: 10 });
      for (const { Body } of Messages as Message[]) await answer(JSON.parse(Body) as Record<string, unknown>);
      return (Messages as Message[]).length > 0;
    },
  };
}
