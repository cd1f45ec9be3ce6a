/** Resource types that run locally. */
const SUPPORTED = new Set([
  'AWS::StepFunctions::StateMachine',
  'AWS::StepFunctions::StateMachineVersion',
  'AWS::StepFunctions::StateMachineAlias',
  'AWS::StepFunctions::Activity',
  'AWS::Lambda::Function',
  'AWS::Lambda::Version',
  'AWS::Lambda::Alias',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::DynamoDB::Table',
  'AWS::DynamoDB::GlobalTable',
  'AWS::SQS::Queue',
  'AWS::S3::Bucket',
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::Stage',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Authorizer',
  'AWS::SecretsManager::Secret',
  'AWS::SecretsManager::RotationSchedule',
  'AWS::Scheduler::Schedule',
  'AWS::Scheduler::ScheduleGroup',
]);

/** What changes nothing of what a process does: rights, watching, encryption at rest, names in the DNS, deployment itself. */
const WITHOUT_EFFECT = [
  /^AWS::IAM::/,
  /^AWS::CloudWatch::/,
  /^AWS::Logs::/,
  /^AWS::XRay::/,
  /^AWS::ApplicationInsights::/,
  /^AWS::KMS::/,
  /^AWS::WAFv2::/,
  /^AWS::CloudTrail::/,
  /^AWS::Config::/,
  /^AWS::Budgets::/,
  /^AWS::Backup::/,
  /^AWS::CodeDeploy::/,
  /^AWS::Chatbot::/,
  /^AWS::Route53::/,
  /^AWS::CertificateManager::/,
  /^AWS::ApplicationAutoScaling::/,
  /^AWS::SES::/,
  /^AWS::ResourceGroups::/,
  /^AWS::ServiceCatalogAppRegistry::/,
  /^AWS::CDK::Metadata$/,
  /^AWS::Lambda::Permission$/,
  /^AWS::Lambda::CodeSigningConfig$/,
  /^AWS::Signer::/,
  /^AWS::SQS::QueuePolicy$/,
  /^AWS::SQS::QueueInlinePolicy$/,
  /^AWS::S3::BucketPolicy$/,
  /^AWS::SNS::TopicPolicy$/,
  /^AWS::SecretsManager::ResourcePolicy$/,
  /^AWS::ApiGatewayV2::DomainName$/,
  /^AWS::ApiGatewayV2::ApiMapping$/,
  // CDK's own: how long a log is kept, and what is emptied when the stack is deleted.
  /^Custom::LogRetention$/,
  /^Custom::S3AutoDeleteObjects$/,
];

/** Topics that nothing but alarms publishes to, and who is told: watching. They are refused as soon as anything else names them. */
const WATCHING_UNLESS_NAMED = /^AWS::SNS::(Topic|Subscription)$/;

/** `namedBySupported`: whether a resource that runs locally mentions this one. */
export function supportOf(type: string, namedBySupported: boolean): 'supported' | 'ignored' | 'refused' {
  if (SUPPORTED.has(type)) return 'supported';
  if (WITHOUT_EFFECT.some((pattern) => pattern.test(type))) return 'ignored';
  return WATCHING_UNLESS_NAMED.test(type) && !namedBySupported ? 'ignored' : 'refused';
}
