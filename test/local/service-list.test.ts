import { expect, test } from 'vitest';
import { createServiceList } from '../../local/service-list.ts';

test('what was started is stopped in reverse, once, and one that fails to stop keeps nobody from stopping', async () => {
  const list = createServiceList();
  const stopped: string[] = [];
  for (const name of ['journal', 'engine', 'api']) {
    list.add(name, name, async (one) => {
      stopped.push(one);
      if (one === 'engine') throw new Error('it does not stop');
    });
  }
  await Promise.all([list.stop(), list.stop()]);
  expect(stopped).toEqual(['api', 'engine', 'journal']);
});

test('when one of several services does not start, the others are stopped all the same', async () => {
  const list = createServiceList();
  const stopped: string[] = [];
  const slow = Promise.withResolvers<{ name: string; stop(): Promise<void> }>();
  const started = list.startAll({ slow: slow.promise, broken: Promise.reject(new Error('no')) });
  const stop = list.stop();
  slow.resolve({ name: 'slow', stop: async () => void stopped.push('slow') });
  await expect(started).rejects.toThrow('no');
  await stop;
  expect(stopped).toEqual(['slow']);
});
