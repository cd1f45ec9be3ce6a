/** What a field of an API's answer is like. Blobs and times are texts in the answers that Step Functions gives on. */
export type FieldShape =
  | { type: 'string'; min?: number; max?: number; oneOf?: readonly string[] }
  | { type: 'number'; min?: number; max?: number }
  | { type: 'boolean' }
  | { type: 'array'; items: FieldShape }
  | { type: 'object'; members: Record<string, FieldShape>; required?: readonly string[] }
  | { type: 'any' };

const string: FieldShape = { type: 'string' };
const number: FieldShape = { type: 'number' };
const boolean: FieldShape = { type: 'boolean' };
const any: FieldShape = { type: 'any' };
const array = (items: FieldShape): FieldShape => ({ type: 'array', items });
const map: FieldShape = { type: 'object', members: {} };
const oneOf = (...values: string[]): FieldShape => ({ type: 'string', oneOf: values });
const object = (members: Record<string, FieldShape>, required: string[] = []): FieldShape => ({
  type: 'object',
  members,
  required,
});

const capacity = object({ ReadCapacityUnits: number, WriteCapacityUnits: number, CapacityUnits: number });
const consumedCapacity = object({
  TableName: string,
  CapacityUnits: number,
  ReadCapacityUnits: number,
  WriteCapacityUnits: number,
  Table: capacity,
  LocalSecondaryIndexes: map,
  GlobalSecondaryIndexes: map,
});
const itemWritten = object({
  Attributes: map,
  ConsumedCapacity: consumedCapacity,
  ItemCollectionMetrics: object({ ItemCollectionKey: map, SizeEstimateRangeGB: array(number) }),
});

const functionConfiguration = object({
  FunctionName: string,
  FunctionArn: string,
  Runtime: string,
  Role: string,
  Handler: string,
  CodeSize: number,
  Description: { type: 'string', max: 256 },
  Timeout: { type: 'number', min: 1 },
  MemorySize: { type: 'number', min: 128, max: 10_240 },
  LastModified: string,
  CodeSha256: string,
  Version: string,
  PackageType: oneOf('Zip', 'Image'),
  State: oneOf('Pending', 'Active', 'Inactive', 'Failed'),
  StateReason: string,
  LastUpdateStatus: oneOf('Successful', 'Failed', 'InProgress'),
  Architectures: array(oneOf('x86_64', 'arm64')),
  RevisionId: string,
});

const storageClasses = [
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'DEEP_ARCHIVE',
  'OUTPOSTS',
  'GLACIER_IR',
  'SNOW',
  'EXPRESS_ONEZONE',
];

/**
 * The answers of the APIs, by `<service>:<operation>` of the Resource, as the API references describe them: all integrations of
 * this runtime, and a few that are often mocked. The result of any other API is not checked.
 */
export const resultShapes: Record<string, FieldShape | undefined> = {
  'lambda:invoke': object({
    ExecutedVersion: { type: 'string', min: 1, max: 1024 },
    FunctionError: string,
    LogResult: string,
    Payload: any,
    StatusCode: number,
  }),
  'states:startExecution': object({ ExecutionArn: { type: 'string', min: 1, max: 256 }, StartDate: string }, [
    'ExecutionArn',
    'StartDate',
  ]),
  'sqs:sendMessage': object({
    MD5OfMessageBody: string,
    MD5OfMessageAttributes: string,
    MD5OfMessageSystemAttributes: string,
    MessageId: string,
    SequenceNumber: string,
  }),
  'dynamodb:getItem': object({ Item: map, ConsumedCapacity: consumedCapacity }),
  'dynamodb:putItem': itemWritten,
  'dynamodb:updateItem': itemWritten,
  'dynamodb:deleteItem': itemWritten,
  'events:putEvents': object({
    Entries: array(object({ EventId: string, ErrorCode: string, ErrorMessage: string })),
    FailedEntryCount: number,
  }),
  'sns:publish': object({ MessageId: string, SequenceNumber: string }),
  'aws-sdk:lambda:getFunction': object({
    Configuration: functionConfiguration,
    Code: object({ RepositoryType: string, Location: string, ImageUri: string, ResolvedImageUri: string }),
    Tags: map,
    Concurrency: object({ ReservedConcurrentExecutions: { type: 'number', min: 0 } }),
  }),
  'aws-sdk:s3:getObject': object({
    Body: string,
    AcceptRanges: string,
    CacheControl: string,
    ContentDisposition: string,
    ContentEncoding: string,
    ContentLanguage: string,
    ContentLength: number,
    ContentType: string,
    DeleteMarker: boolean,
    ETag: string,
    LastModified: string,
    Metadata: map,
    PartsCount: number,
    StorageClass: { type: 'string', oneOf: storageClasses },
    TagCount: number,
    VersionId: string,
  }),
  'aws-sdk:kms:encrypt': object({
    CiphertextBlob: { type: 'string', min: 1, max: 6144 },
    EncryptionAlgorithm: oneOf('SYMMETRIC_DEFAULT', 'RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256', 'SM2PKE'),
    KeyId: { type: 'string', min: 1, max: 2048 },
  }),
};
