import type { Steps } from '../../../statemachines/step-row.ts';

export const steps: Steps = {
  Greet: {
    handler: 'test/lib/second-process/greet.ts',
    timeoutSeconds: 5,
    undoneBy: { nothing: 'a greeting cannot be taken back' },
    grants: { tables: { orders: ['Query'] } },
  },
};
