import { createHash } from 'node:crypto';

/** Where a stack would be, and what it is called. */
export interface Place {
  account: string;
  region: string;
  partition: string;
  urlSuffix: string;
  stackName: string;
}

/** A resource as far as its name goes: `properties` are resolved only when a name is looked for in them. */
export interface Named {
  logicalId: string;
  type: string;
  property(name: string): unknown;
}

/** `Ref` and `Fn::GetAtt` of one type. A value that only the running service knows is missing here and told later. */
interface Attributes {
  ref(resource: Named, place: Place): string;
  attributes?: Record<string, (resource: Named, place: Place) => string>;
}

const arn = (place: Place, service: string, rest: string) =>
  `arn:${place.partition}:${service}:${place.region}:${place.account}:${rest}`;

const ofFunction = (resource: Named, place: Place) => {
  const name = String(resource.property('FunctionName'));
  return name.startsWith('arn:') ? name : arn(place, 'lambda', `function:${name}`);
};

const lambdaArn = (resource: Named, place: Place) =>
  arn(place, 'lambda', `function:${nameOf(resource, place, 'FunctionName', 64)}`);
const stateMachineArn = (resource: Named, place: Place) =>
  arn(place, 'states', `stateMachine:${nameOf(resource, place, 'StateMachineName', 80)}`);
const activityArn = (resource: Named, place: Place) =>
  arn(place, 'states', `activity:${nameOf(resource, place, 'Name', 80)}`);
const tableName = (resource: Named, place: Place) => nameOf(resource, place, 'TableName', 255);
const tableArn = (resource: Named, place: Place) => arn(place, 'dynamodb', `table/${tableName(resource, place)}`);
const queueName = (resource: Named, place: Place) => {
  if (resource.property('QueueName') !== undefined) return String(resource.property('QueueName'));
  return isTrue(resource.property('FifoQueue'))
    ? `${nameOf(resource, place, 'QueueName', 75)}.fifo`
    : nameOf(resource, place, 'QueueName', 80);
};
const bucketName = (resource: Named, place: Place) => nameOf(resource, place, 'BucketName', 63).toLowerCase();
const secretArn = (resource: Named, place: Place) =>
  arn(place, 'secretsmanager', `secret:${nameOf(resource, place, 'Name', 64)}-${digest(place, resource.logicalId, 6)}`);
const scheduleName = (resource: Named, place: Place) => nameOf(resource, place, 'Name', 64);
const mappingId = (resource: Named, place: Place) =>
  digest(place, resource.logicalId, 32).replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
const apiId = (resource: Named, place: Place) => digest(place, resource.logicalId, 10);
const apiEndpoint = (resource: Named, place: Place) =>
  `https://${apiId(resource, place)}.execute-api.${place.region}.${place.urlSuffix}`;

const BY_TYPE: Record<string, Attributes> = {
  'AWS::Lambda::Function': {
    ref: (resource, place) => nameOf(resource, place, 'FunctionName', 64),
    attributes: { Arn: lambdaArn },
  },
  'AWS::Lambda::Alias': {
    ref: (resource, place) => `${ofFunction(resource, place)}:${resource.property('Name')}`,
    attributes: { AliasArn: (resource, place) => `${ofFunction(resource, place)}:${resource.property('Name')}` },
  },
  'AWS::Lambda::EventSourceMapping': { ref: mappingId, attributes: { Id: mappingId } },
  'AWS::StepFunctions::StateMachine': {
    ref: stateMachineArn,
    attributes: { Arn: stateMachineArn, Name: (resource, place) => nameOf(resource, place, 'StateMachineName', 80) },
  },
  'AWS::StepFunctions::Activity': {
    ref: activityArn,
    attributes: { Arn: activityArn, Name: (resource, place) => nameOf(resource, place, 'Name', 80) },
  },
  'AWS::DynamoDB::Table': {
    ref: tableName,
    attributes: {
      Arn: tableArn,
      StreamArn: (resource, place) => `${tableArn(resource, place)}/stream/local`,
    },
  },
  'AWS::DynamoDB::GlobalTable': {
    ref: tableName,
    attributes: {
      Arn: tableArn,
      TableId: (resource, place) => digest(place, resource.logicalId, 32),
      StreamArn: (resource, place) => `${tableArn(resource, place)}/stream/local`,
    },
  },
  'AWS::SQS::Queue': {
    ref: (resource, place) => queueUrl(resource, place),
    attributes: {
      Arn: (resource, place) => arn(place, 'sqs', queueName(resource, place)),
      QueueName: queueName,
      QueueUrl: (resource, place) => queueUrl(resource, place),
    },
  },
  'AWS::S3::Bucket': {
    ref: bucketName,
    attributes: {
      Arn: (resource, place) => `arn:${place.partition}:s3:::${bucketName(resource, place)}`,
      DomainName: (resource, place) => `${bucketName(resource, place)}.s3.${place.urlSuffix}`,
      RegionalDomainName: (resource, place) => `${bucketName(resource, place)}.s3.${place.region}.${place.urlSuffix}`,
    },
  },
  'AWS::SecretsManager::Secret': { ref: secretArn, attributes: { Id: secretArn } },
  'AWS::Scheduler::Schedule': {
    ref: scheduleName,
    attributes: {
      Arn: (resource, place) => {
        const group = resource.property('GroupName') ?? 'default';
        return arn(place, 'scheduler', `schedule/${group}/${scheduleName(resource, place)}`);
      },
    },
  },
  'AWS::Scheduler::ScheduleGroup': {
    ref: scheduleName,
    attributes: {
      Arn: (resource, place) => arn(place, 'scheduler', `schedule-group/${scheduleName(resource, place)}`),
    },
  },
  'AWS::ApiGatewayV2::Api': { ref: apiId, attributes: { ApiId: apiId, ApiEndpoint: apiEndpoint } },
  'AWS::ApiGatewayV2::Stage': { ref: (resource) => String(resource.property('StageName')) },
  'AWS::ApiGatewayV2::Authorizer': {
    ref: (resource) => resource.logicalId,
    attributes: { AuthorizerId: (resource) => resource.logicalId },
  },
  'AWS::ApiGatewayV2::Integration': {
    ref: (resource) => resource.logicalId,
    attributes: { IntegrationId: (resource) => resource.logicalId },
  },
  'AWS::IAM::Role': {
    ref: (resource, place) => nameOf(resource, place, 'RoleName', 64),
    attributes: {
      Arn: (resource, place) =>
        `arn:${place.partition}:iam::${place.account}:role/${nameOf(resource, place, 'RoleName', 64)}`,
    },
  },
};

/**
 * What `Ref` gives for a resource. Names are made of the stack's name and the logical id, without the random part that
 * CloudFormation adds, so that a second start of the same stack finds the same tables, queues and state machines.
 */
export function refOf(resource: Named, place: Place): string {
  return BY_TYPE[resource.type]?.ref(resource, place) ?? nameOf(resource, place, undefined, 64);
}

/** What `Fn::GetAtt` gives; `undefined` where only the running service could say. */
export function attributeOf(resource: Named, attribute: string, place: Place): string | undefined {
  return BY_TYPE[resource.type]?.attributes?.[attribute]?.(resource, place);
}

/** The same text for the same stack and logical id, of `length` lower-case hexadecimal digits. */
export function digest(place: Place, logicalId: string, length: number): string {
  return createHash('sha256').update(`${place.stackName}/${logicalId}`).digest('hex').slice(0, length);
}

function queueUrl(resource: Named, place: Place): string {
  return `https://sqs.${place.region}.${place.urlSuffix}/${place.account}/${queueName(resource, place)}`;
}

/** The name in the template, else `<stack>-<logical id>`; too long for the service: cut, with a digest at its end. */
function nameOf(resource: Named, place: Place, property: string | undefined, maxLength: number): string {
  const given = property === undefined ? undefined : resource.property(property);
  if (given !== undefined) return String(given);
  const name = `${place.stackName}-${resource.logicalId}`;
  return name.length <= maxLength ? name : `${name.slice(0, maxLength - 9)}-${digest(place, resource.logicalId, 8)}`;
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}
