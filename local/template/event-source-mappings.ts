import { z } from 'zod';
import type { EventSourceMapping } from '../aws/event-sources/mapping.ts';
import { CannotStart } from '../cannot-start.ts';
import type { Assembly } from './load-assembly.ts';
import { Flag, parseProperties } from './parse-properties.ts';

const Properties = z.object({
  EventSourceArn: z.string({ error: 'only queues and DynamoDB streams run locally' }),
  FunctionName: z.string(),
  Enabled: Flag.default(true),
  BatchSize: z.coerce.number().optional(),
  MaximumBatchingWindowInSeconds: z.coerce.number().optional(),
  FunctionResponseTypes: z.array(z.string()).default([]),
  FilterCriteria: z.object({ Filters: z.array(z.object({ Pattern: z.string() })).default([]) }).optional(),
  ScalingConfig: z.object({ MaximumConcurrency: z.coerce.number().optional() }).optional(),
  StartingPosition: z
    .enum(['TRIM_HORIZON', 'LATEST'], { error: 'only TRIM_HORIZON and LATEST run locally' })
    .optional(),
  BisectBatchOnFunctionError: Flag.optional(),
  MaximumRetryAttempts: z.coerce.number().optional(),
  MaximumRecordAgeInSeconds: z.coerce.number().optional(),
  DestinationConfig: z
    .object({
      OnFailure: z.object({ Destination: z.string().regex(/:sqs:/, { error: 'only queues run locally' }) }).optional(),
    })
    .optional(),
  TumblingWindowInSeconds: z.literal(0, { error: 'tumbling windows do not run locally' }).optional(),
});

export interface TemplateMapping {
  uuid: string;
  /** Whether the template has it switched on. */
  enabled: boolean;
  mapping: EventSourceMapping;
}

export interface EventSources {
  queues: TemplateMapping[];
  streams: TemplateMapping[];
}

/** The event source mappings of the template, by kind of source. */
export function eventSourceMappings(assembly: Assembly): EventSources {
  const sources: EventSources = { queues: [], streams: [] };
  for (const resource of assembly.ofType('AWS::Lambda::EventSourceMapping')) {
    const properties = parseProperties(resource, Properties);
    const service = properties.EventSourceArn.split(':')[2];
    const uuid = assembly.ref(resource.logicalId);
    const one: TemplateMapping = { uuid, enabled: properties.Enabled, mapping: mappingOf(properties) };
    if (service === 'sqs') sources.queues.push(one);
    else if (service === 'dynamodb') sources.streams.push(one);
    else {
      throw new CannotStart(
        `${resource.logicalId} (${resource.type}): only queues and DynamoDB streams run locally, found ${properties.EventSourceArn}.`,
      );
    }
  }
  return sources;
}

function mappingOf(properties: z.infer<typeof Properties>): EventSourceMapping {
  const members = {
    batchSize: properties.BatchSize,
    maximumBatchingWindowSeconds: properties.MaximumBatchingWindowInSeconds,
    filterPatterns: properties.FilterCriteria?.Filters.map(({ Pattern }) => Pattern),
    maximumConcurrency: properties.ScalingConfig?.MaximumConcurrency,
    startingPosition: properties.StartingPosition,
    bisectBatchOnFunctionError: properties.BisectBatchOnFunctionError,
    maximumRetryAttempts: properties.MaximumRetryAttempts,
    maximumRecordAgeSeconds: properties.MaximumRecordAgeInSeconds,
    onFailureArn: properties.DestinationConfig?.OnFailure?.Destination,
  };
  const given = Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
  return {
    eventSourceArn: properties.EventSourceArn,
    functionName: properties.FunctionName,
    reportBatchItemFailures: properties.FunctionResponseTypes.includes('ReportBatchItemFailures'),
    ...(given as Partial<EventSourceMapping>),
  };
}
