import { SendTaskFailureCommand, SendTaskSuccessCommand, SFNClient } from '@aws-sdk/client-sfn';
import { canonicalJson } from '../domain/canonical-json.ts';
import type { Answer } from '../domain/wait.ts';

const client = new SFNClient({});

/** `unknownToken`: the task has ended (answered, timed out, stopped), or there never was one with this token. */
export type TokenOutcome = 'taken' | 'unknownToken';

/** What Step Functions says when nobody waits with this token any more. It will never say anything else about it. */
const gone = new Set(['TaskDoesNotExist', 'TaskTimedOut', 'InvalidToken']);

/** What Step Functions says about what it was sent, and will say again: no try of it can succeed. */
const refusals = new Set(['InvalidOutput', 'ValidationException', 'SerializationException']);

/**
 * Gives the workflow its answer. Throws `AnswerRefused` when it will never be taken as it is, and `TaskTokenNotSent` for anything that may be tried again; the message has only the
 * error's name, because a service's own message may repeat what it was sent, and that was the token.
 */
export async function sendAnswer(taskToken: string, answer: Answer): Promise<TokenOutcome> {
  const { action, error, ...given } = answer;
  return send(() =>
    error === undefined
      ? client.send(new SendTaskSuccessCommand({ taskToken, output: canonicalJson({ action, ...given }) }))
      : client.send(new SendTaskFailureCommand({ taskToken, error, cause: canonicalJson(given) })),
  );
}

/** Fails the task behind a token; see `sendAnswer`. */
export async function failTask(taskToken: string, error: string, cause: string): Promise<TokenOutcome> {
  return send(() => client.send(new SendTaskFailureCommand({ taskToken, error, cause })));
}

export class TaskTokenNotSent extends Error {
  override readonly name = 'TaskTokenNotSent';
}

export class AnswerRefused extends Error {
  override readonly name = 'AnswerRefused';
}

async function send(call: () => Promise<unknown>): Promise<TokenOutcome> {
  try {
    await call();
    return 'taken';
  } catch (error) {
    const name = error instanceof Error ? error.name : String(error);
    if (gone.has(name)) return 'unknownToken';
    if (refusals.has(name)) throw new AnswerRefused(`Step Functions refuses the answer (${name})`);
    throw new TaskTokenNotSent(`Step Functions did not take the answer (${name})`);
  }
}
