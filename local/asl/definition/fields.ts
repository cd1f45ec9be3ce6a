/** Which fields a state may have; https://states-language.net/spec.html and, for both query languages, the developer guide. */
export interface FieldTable {
  required: readonly string[];
  /** In either query language. */
  common: readonly string[];
  JSONPath: readonly string[];
  JSONata: readonly string[];
  /** Has Next or End. */
  continues: boolean;
}

const everywhere = ['Type', 'Comment', 'QueryLanguage'];
const paths = ['InputPath', 'OutputPath'];
const errors = ['Retry', 'Catch'];
const mapPaths = ['ItemsPath', 'MaxConcurrencyPath', 'ToleratedFailurePercentagePath', 'ToleratedFailureCountPath'];

export const fieldTables: Record<string, FieldTable> = {
  Task: {
    required: ['Resource'],
    common: [...everywhere, ...errors, 'Resource', 'TimeoutSeconds', 'HeartbeatSeconds', 'Assign', 'Credentials'],
    JSONPath: [...paths, 'Parameters', 'ResultSelector', 'ResultPath', 'TimeoutSecondsPath', 'HeartbeatSecondsPath'],
    JSONata: ['Arguments', 'Output'],
    continues: true,
  },
  Pass: {
    required: [],
    common: [...everywhere, 'Assign'],
    JSONPath: [...paths, 'Parameters', 'Result', 'ResultPath'],
    JSONata: ['Output'],
    continues: true,
  },
  Choice: {
    required: ['Choices'],
    common: [...everywhere, 'Choices', 'Default', 'Assign'],
    JSONPath: paths,
    JSONata: ['Output'],
    continues: false,
  },
  Wait: {
    required: [],
    common: [...everywhere, 'Seconds', 'Timestamp', 'Assign'],
    JSONPath: [...paths, 'SecondsPath', 'TimestampPath'],
    JSONata: ['Output'],
    continues: true,
  },
  Succeed: { required: [], common: everywhere, JSONPath: paths, JSONata: ['Output'], continues: false },
  Fail: {
    required: [],
    common: [...everywhere, 'Error', 'Cause'],
    JSONPath: ['ErrorPath', 'CausePath'],
    JSONata: [],
    continues: false,
  },
  Parallel: {
    required: ['Branches'],
    common: [...everywhere, ...errors, 'Branches', 'Assign'],
    JSONPath: [...paths, 'Parameters', 'ResultSelector', 'ResultPath'],
    JSONata: ['Arguments', 'Output'],
    continues: true,
  },
  Map: {
    required: [],
    common: [
      ...[...everywhere, ...errors, 'ItemProcessor', 'Iterator', 'ItemSelector', 'MaxConcurrency', 'Label', 'Assign'],
      ...['ItemReader', 'ItemBatcher', 'ResultWriter', 'ToleratedFailurePercentage', 'ToleratedFailureCount'],
    ],
    JSONPath: [...paths, ...mapPaths, 'Parameters', 'ResultSelector', 'ResultPath'],
    JSONata: ['Items', 'Output'],
    continues: true,
  },
};

/** Fields whose value is a path, in JSONPath states. */
export const pathFields = [
  ...['InputPath', 'OutputPath', 'ResultPath', 'ItemsPath', 'SecondsPath', 'TimestampPath', 'TimeoutSecondsPath'],
  ...['HeartbeatSecondsPath', 'MaxConcurrencyPath', 'ToleratedFailurePercentagePath', 'ToleratedFailureCountPath'],
  ...['MaxItemsPath', 'MaxItemsPerBatchPath', 'MaxInputBytesPerBatchPath'],
];

/** Fields whose value is a payload template, in JSONPath states. */
export const templateFields = ['Parameters', 'ResultSelector', 'ItemSelector', 'Assign', 'BatchInput', 'Credentials'];

/** Fields that hold further such fields, in JSONPath states. */
export const nestedFields = ['ItemReader', 'ReaderConfig', 'ItemBatcher', 'ResultWriter'];

/** Fields that may hold expressions, in JSONata states. */
export const expressionFields = [
  ...['Arguments', 'Output', 'Assign', 'Items', 'ItemSelector', 'MaxConcurrency', 'Seconds', 'Timestamp', 'Error'],
  ...['Cause', 'TimeoutSeconds', 'HeartbeatSeconds', 'ToleratedFailurePercentage', 'ToleratedFailureCount'],
  ...['ItemReader', 'ItemBatcher', 'ResultWriter', 'Credentials', 'Condition'],
];
