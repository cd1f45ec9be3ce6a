import {
  CreateStateMachineCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { chain, pass, role, startEngine } from '../../../support/engine.ts';

test('tags of a state machine are set when it is made, added, replaced and removed', async () => {
  await using runtime = await startEngine();
  const { sfn } = runtime;
  const { stateMachineArn: resourceArn } = await sfn.send(
    new CreateStateMachineCommand({
      name: 'tagged',
      roleArn: role,
      definition: chain(pass),
      tags: [{ key: 'team', value: 'a' }],
    }),
  );
  const tags = [
    { key: 'team', value: 'b' },
    { key: 'stage', value: 'dev' },
  ];
  await sfn.send(new TagResourceCommand({ resourceArn, tags }));
  expect((await sfn.send(new ListTagsForResourceCommand({ resourceArn }))).tags).toEqual(tags);
  await sfn.send(new UntagResourceCommand({ resourceArn, tagKeys: ['team', 'unknown'] }));
  expect((await sfn.send(new ListTagsForResourceCommand({ resourceArn }))).tags).toEqual([tags[1]]);
});

test('what does not exist, has an empty key or too many tags is refused', async () => {
  await using runtime = await startEngine();
  const { sfn, engine } = runtime;
  const { stateMachine } = engine.stateMachines.create({ name: 'm', roleArn: role, definition: chain(pass) });
  const resourceArn = stateMachine.arn;
  const tag = (arn: string, tags: { key: string; value: string }[]) =>
    sfn.send(new TagResourceCommand({ resourceArn: arn, tags }));
  await expect(tag(`${resourceArn}:1`, [{ key: 'a', value: '' }])).rejects.toMatchObject({ name: 'ResourceNotFound' });
  await expect(tag(resourceArn, [{ key: '', value: '' }])).rejects.toMatchObject({ name: 'ValidationException' });
  const many = Array.from({ length: 51 }, (_, index) => ({ key: `k${index}`, value: '' }));
  await expect(tag(resourceArn, many)).rejects.toMatchObject({ name: 'TooManyTags' });
});
