import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseWaitMessage } from '../../lambdas/waits/wait-message.ts';
import { processFindings } from '../../statemachines/process-findings.ts';
import { fillDefinition } from '../../statemachines/wait-substitutions.ts';
import { runProcess } from '../statemachines/process-script.ts';
import { waits } from './second-process/greeting.steps.ts';

// The example of a process that is not about orders, for whoever writes one: docs/add-a-step.md.
const file = 'test/lib/second-process/greeting.asl.json';

test('of the example of a second process the linter finds nothing', async () => {
  expect(await processFindings(file)).toEqual([]);
});

test('the waits of the example can be opened: one item, asked for twice', async () => {
  const definition = fillDefinition(readFileSync(file, 'utf8'), waits);
  const Greet = { result: { greeting: 'Hello, Ada' } };
  const script = { Greet, AwaitAnswer: 'silent', ExpireAnswer: { error: 'WaitExpired' } } as const;
  const run = await runProcess(script, undefined, { definition, input: { name: 'Ada' }, name: 'greeting-1' });
  const [asked, expired] = ['AwaitAnswer', 'ExpireAnswer'].flatMap((state) =>
    run.callsOf(state).map(({ MessageBody }) => parseWaitMessage(JSON.stringify(MessageBody))),
  );
  expect(asked).toMatchObject({ waitId: 'greeting-1#AwaitAnswer', orderId: 'greeting-1', timeoutSeconds: 3600 });
  expect(expired).toMatchObject({ waitId: asked!.waitId, answerIfNone: { error: 'WaitExpired' } });
  expect(run.path).toEqual(['Greet', 'AwaitAnswer', 'ExpireAnswer', 'NotGreeted']);
});
