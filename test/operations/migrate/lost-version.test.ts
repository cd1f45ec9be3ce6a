import { DescribeStateMachineForExecutionCommand, ExecutionDoesNotExist, SFNClient } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { lostVersions, nameOfVersion } from '../../../operations/migrate/lost-version.ts';

const sfn = mockClient(SFNClient);
const client = sfn as unknown as SFNClient;
beforeEach(() => sfn.reset());
// Other files use the client in the same process.
afterAll(() => sfn.restore());

const machine = 'arn:aws:states:us-east-1:1:stateMachine:p';
const lost = () => lostVersions(client, [machine, `${machine}-resume`]);
const resumed = {
  executionArn: 'arn:aws:states:us-east-1:1:execution:p-resume:ord_1-2',
  versionArn: `${machine}-resume:7`,
};

it('an execution is asked once for the definition whose version is gone', async () => {
  sfn.on(DescribeStateMachineForExecutionCommand).resolves({ definition: '{}', updateDate: new Date(0) });
  const versions = lost();
  const found = await versions(resumed);
  expect(found).toMatchObject({ arn: `${machine}-resume:7`, machine: 'resume', number: 7, definition: '{}' });
  expect(nameOfVersion(found)).toBe('version 7 of the resume machine');
  expect(await versions(resumed)).toBe(found);
  expect(sfn.commandCalls(DescribeStateMachineForExecutionCommand)).toHaveLength(1);
});

it('where nobody knows it any more, the commands that start the order again by hand are given as they are to be typed', async () => {
  const error = new ExecutionDoesNotExist({ message: 'of the service', $metadata: {} });
  sfn.on(DescribeStateMachineForExecutionCommand).rejects(error);
  await expect(lost()(resumed)).rejects.toThrow(
    `Start the order again with its first step, which finds what was done:
  aws stepfunctions describe-execution --execution-arn arn:aws:states:us-east-1:1:execution:p:ord_1 --query input --output text > order.json
  aws stepfunctions start-execution --state-machine-arn ${machine}:live --name ord_1-3 --input file://order.json`,
  );
});
