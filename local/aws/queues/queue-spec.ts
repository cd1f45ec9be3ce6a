import { z } from 'zod';
import type { Assembly } from '../../template/load-assembly.ts';
import { parseProperties } from '../../template/parse-properties.ts';

export interface QueueSpec {
  logicalId: string;
  name: string;
  /** As SetQueueAttributes takes them: texts. */
  attributes: Record<string, string>;
}

const Text = z.coerce.string().optional();
const Properties = z.object({
  DelaySeconds: Text,
  MaximumMessageSize: Text,
  MessageRetentionPeriod: Text,
  ReceiveMessageWaitTimeSeconds: Text,
  VisibilityTimeout: Text,
  FifoQueue: Text,
  ContentBasedDeduplication: Text,
  RedrivePolicy: z
    .object({ deadLetterTargetArn: z.string(), maxReceiveCount: z.coerce.number().int().min(1).max(1000) })
    .transform((policy) => JSON.stringify(policy))
    .optional(),
});

/** The queues of the template. Encryption and policies change nothing here and are left out. */
export function queueSpecs(assembly: Assembly): QueueSpec[] {
  return assembly.ofType('AWS::SQS::Queue').map((resource) => {
    const properties = parseProperties(resource, Properties);
    const given = Object.entries(properties).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return {
      logicalId: resource.logicalId,
      name: String(assembly.resolve({ 'Fn::GetAtt': [resource.logicalId, 'QueueName'] })),
      attributes: Object.fromEntries(given.filter(([name, value]) => name !== 'FifoQueue' || value === 'true')),
    };
  });
}
