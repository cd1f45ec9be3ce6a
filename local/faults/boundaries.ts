/** Where something can be broken, in which ways, and by what a rule may choose there. The one list that plans are checked against. */

/** By what a rule may choose among the calls of its boundary. */
export type Selector = 'function' | 'via' | 'table' | 'queue' | 'operation' | 'call';

export interface Boundary {
  faults: readonly string[];
  where: readonly Selector[];
}

/** A request of a function, or of Step Functions itself, to an AWS service. */
const request = (...more: Selector[]) => ({
  faults: ['throttle', 'error', 'drop-before', 'drop-after', 'late', 'slow', 'kill-before', 'kill-after'] as const,
  where: ['function', 'operation', 'call', ...more] as const,
});

export const boundaries = {
  lambda: {
    faults: ['kill-before', 'kill-after', 'hang-before', 'hang-after', 'run-on', 'throttle', 'error', 'slow'],
    where: ['function', 'via', 'call'],
  },
  asynchronous: { faults: ['twice', 'late'], where: ['function', 'call'] },
  queue: { faults: ['twice', 'late', 'out-of-order', 'lost'], where: ['queue', 'function', 'call'] },
  stream: { faults: ['twice', 'late'], where: ['table', 'function', 'call'] },
  'http-api': { faults: ['drop-before', 'drop-after', 'unavailable', 'slow'], where: ['operation', 'call'] },
  dynamodb: request('table'),
  'step-functions': request(),
  'lambda-api': request(),
  sqs: request('queue'),
  s3: request(),
  ses: request(),
  'secrets-manager': request(),
  scheduler: request(),
} as const satisfies Record<string, Boundary>;

export type BoundaryName = keyof typeof boundaries;
export type FaultKind = (typeof boundaries)[BoundaryName]['faults'][number];

/** How the function is called: what stands in `where.via`. */
export const waysToInvoke = ['step-functions', 'queue', 'stream', 'http-api', 'asynchronous', 'api'] as const;
export type Via = (typeof waysToInvoke)[number];

/** Faults that take time, and how much if the rule does not say. A hung function hangs until its own timeout. */
export const delays: { readonly [kind in FaultKind]?: string | 'its timeout' } = {
  slow: '1s',
  late: '5s',
  twice: '0s',
  'out-of-order': '5s',
  'hang-before': 'its timeout',
  'hang-after': 'its timeout',
};
