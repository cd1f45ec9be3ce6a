import type { Steps } from '../../../statemachines/step-row.ts';
import type { Waits } from '../../../statemachines/wait-row.ts';

export const steps: Steps = {
  Greet: {
    handler: 'test/lib/second-process/greet.ts',
    timeoutSeconds: 5,
    undoneBy: { nothing: 'a greeting cannot be taken back' },
    grants: { tables: { orders: ['Query'] } },
  },
};

export const waits = {
  AwaitAnswer: { timeoutSeconds: 60 * 60, remindAfterSeconds: [] },
  ExpireAnswer: { timeoutSeconds: 12 * 60 * 60, remindAfterSeconds: [] },
} as const satisfies Waits;
