import type { Executions } from '../../engine/executions.ts';
import type { AsynchronousInvocations } from '../lambda/asynchronous.ts';
import type { Invoke } from './deliveries.ts';
import { targetOf } from './target.ts';

export interface TargetPorts {
  asynchronous: Pick<AsynchronousInvocations, 'accept'>;
  executions: Pick<Executions, 'start'>;
  sendMessage(queueArn: string, body: string, more?: object): Promise<void>;
}

/** Lambda functions are invoked asynchronously: what the function does is no matter of the schedule any more. */
export function invokeTarget({ asynchronous, executions, sendMessage }: TargetPorts): Invoke {
  return async ({ Arn, SqsParameters }, input, { executionId }) => {
    switch (targetOf(Arn)) {
      case 'lambda':
        await asynchronous.accept(Arn, input);
        return;
      case 'states':
        // Named and marked by the occurrence: an attempt after a crash finds the execution that the one before it started.
        await executions.start({ stateMachineArn: Arn, name: executionId, input, startedBy: executionId });
        return;
      case 'sqs':
        await sendMessage(Arn, input, SqsParameters);
        return;
      default:
        throw new Error(`${Arn} cannot be the target of a schedule here.`);
    }
  };
}
