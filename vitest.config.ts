import { defineConfig } from 'vitest/config';

const timeouts = { testTimeout: 60_000, hookTimeout: 60_000 };
/** They read their environment when they are loaded, so each file gets modules of its own. The others share theirs, which is far quicker. */
const handlers = ['test/lambdas/!(domain)/**/*.test.ts', 'test/chaos/*.test.ts', 'test/operations/rebuild/*.test.ts'];
const stories = ['test/stories/*.test.ts'];
/**
 * Every history of the waits, every request at which a process can die, and what needs a runtime of its own that is killed, starved
 * or flooded, or whose time is moved: `npm run trials`.
 */
const trials = [
  'test/trials/*.test.ts',
  'test/lambdas/waits/{rendezvous,reminders-at-once}.test.ts',
  'test/lambdas/adapters/{stripe-payment-gateway-killed,easypost-crashes}.test.ts',
  'test/operations/redrive/revived.test.ts',
];
/** Slow because it synthesises the stack with a rule for everything; CI runs it as a check of its own. */
const nag = ['test/lib/nag.test.ts'];
const sharedRuntime = { globalSetup: 'test/support/shared-runtime.ts' };

export default defineConfig({
  test: {
    globalSetup: 'test/support/own-temporary-folder.ts',
    // More than there are cores: most tests wait for other processes most of the time.
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: 'units',
          include: ['test/**/*.test.ts'],
          exclude: [...handlers, ...stories, ...trials, ...nag],
          isolate: false,
          ...timeouts,
        },
      },
      { test: { name: 'handlers', include: handlers, exclude: trials, ...timeouts } },
      // They come through the front door, and leave their process as it was.
      { test: { name: 'stories', include: stories, isolate: false, ...sharedRuntime, ...timeouts } },
      { test: { name: 'nag', include: nag, ...timeouts } },
      { test: { name: 'trials', include: trials, ...sharedRuntime, testTimeout: 300_000, hookTimeout: 60_000 } },
    ],
  },
});
