import { defineConfig } from 'vitest/config';

const timeouts = { testTimeout: 60_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'units', include: ['test/**/*.test.ts'], exclude: ['test/stories/**'], ...timeouts } },
      {
        test: {
          name: 'stories',
          include: ['test/stories/*.test.ts'],
          globalSetup: 'test/support/shared-runtime.ts',
          ...timeouts,
        },
      },
    ],
  },
});
