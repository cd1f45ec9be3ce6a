/** One recorded case, as its file has it. The format is described beside the recordings. */
export interface Case {
  id: string;
  /** The file it is in, without `.json`. */
  category: string;
  kind: 'execution' | 'batch' | 'api';
  scope: 'core' | 'extended';
  services: string[];
  name?: string;
  roleArn?: string;
  type?: 'STANDARD' | 'EXPRESS';
  definition?: unknown;
  runs?: Run[];
  setup?: Step[];
  steps?: Step[];
  outputs?: Record<string, unknown>;
  transformers?: Transformer[];
  expected?: Record<string, unknown>;
  skipPaths?: string[];
  /** Keys of `expected` that hold what the client of the recording refused by itself. */
  clientSideErrors?: string[];
  notes?: string;
}

export interface Run {
  /** JSON text; null: the parameter is left out. */
  input: string | null;
  name?: string;
  sync?: boolean;
  until?: 'running';
  literal?: unknown;
  output?: unknown;
}

/** An API call (`api`) or one of the other things that can happen around it (`do`). */
export interface Step {
  id?: string;
  api?: string;
  params?: Record<string, unknown>;
  expectError?: boolean;
  paginate?: boolean;
  do?: string;
  functionName?: string;
  behaviour?: string;
  tableName?: string;
  partitionKey?: string;
  partitionKeyType?: string;
  until?: string;
  executionArn?: string;
  stateMachineArn?: string;
  steps?: Step[];
  mode?: string;
  queueUrl?: string;
  count?: number;
  activityArn?: string;
  workerDefinition?: { States: Record<string, Record<string, unknown>> };
}

/** `["regex", P, R]`, `["key", K, R, byReference]`, ... */
export type Transformer = [kind: string, ...rest: unknown[]];

/** What the fixture functions are, by name. */
export interface Fixtures {
  lambdas: Record<string, FixtureFunction | undefined>;
}

export interface FixtureFunction {
  /** The answer as JSON text, where it does not depend on the event. */
  result?: string;
  errorPayload?: Record<string, unknown>;
}
