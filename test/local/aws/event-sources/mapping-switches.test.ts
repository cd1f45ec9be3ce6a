import { expect, test } from 'vitest';
import { openMappingSwitches } from '../../../../local/aws/event-sources/mapping-switches.ts';
import { checkpointsInMemory } from '../../../support/checkpoints.ts';
import { stoppedClock } from '../http-api/start-api.ts';

const mapping = { eventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:q', functionName: 'fn' };

test('what was switched holds over a restart, until the template changes its word', async () => {
  const store = checkpointsInMemory();
  const first = openMappingSwitches(store, stoppedClock());
  expect(first.register('id', mapping, true)).toBe(true);
  await first.set('id', false);
  const open = () => openMappingSwitches(store, stoppedClock());
  expect(open().register('id', mapping, true)).toBe(false);
  expect(open().register('id', mapping, false)).toBe(false);
  await first.set('id', true);
  expect(open().register('id', mapping, true)).toBe(true);
});

test('switches of one source are done one after the other, in their order', async () => {
  const switches = openMappingSwitches(checkpointsInMemory(), stoppedClock());
  switches.register('id', mapping, true);
  const done: string[] = [];
  const goOn = Promise.withResolvers<void>();
  switches.attach('id', {
    name: 'source',
    stop: async () => {},
    settle: async () => false,
    async disable() {
      await goOn.promise;
      done.push('off');
    },
    enable: async () => void done.push('on'),
  });
  const both = [switches.set('id', false), switches.set('id', true)];
  goOn.resolve();
  await Promise.all(both);
  expect(done).toEqual(['off', 'on']);
  expect(switches.get('id')).toMatchObject({ enabled: true, changing: false });
});
