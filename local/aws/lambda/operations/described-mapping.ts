import type { MappingState } from '../../event-sources/mapping-switches.ts';
import type { LambdaHost } from '../host.ts';

/** `EventSourceMappingConfiguration` of the API. */
export function describedMapping(host: LambdaHost, { uuid, mapping, enabled, changing, changedAtMs }: MappingState) {
  const { partition, region, account } = host.place;
  const isQueue = mapping.eventSourceArn.split(':')[2] === 'sqs';
  const state = enabled ? ['Enabling', 'Enabled'] : ['Disabling', 'Disabled'];
  return {
    UUID: uuid,
    EventSourceMappingArn: `arn:${partition}:lambda:${region}:${account}:event-source-mapping:${uuid}`,
    EventSourceArn: mapping.eventSourceArn,
    FunctionArn: host.resolve(mapping.functionName).invokedFunctionArn,
    BatchSize: mapping.batchSize ?? (isQueue ? 10 : 100),
    MaximumBatchingWindowInSeconds: mapping.maximumBatchingWindowSeconds ?? 0,
    FunctionResponseTypes: mapping.reportBatchItemFailures ? ['ReportBatchItemFailures'] : [],
    ...(mapping.filterPatterns && {
      FilterCriteria: { Filters: mapping.filterPatterns.map((Pattern) => ({ Pattern })) },
    }),
    LastModified: changedAtMs / 1000,
    State: state[changing ? 0 : 1],
    StateTransitionReason: isQueue ? 'USER_INITIATED' : 'User action',
    ...(isQueue ? ofQueue(mapping) : ofStream(mapping)),
  };
}

function ofQueue({ maximumConcurrency }: MappingState['mapping']) {
  return maximumConcurrency === undefined ? {} : { ScalingConfig: { MaximumConcurrency: maximumConcurrency } };
}

function ofStream(mapping: MappingState['mapping']) {
  return {
    StartingPosition: mapping.startingPosition ?? 'TRIM_HORIZON',
    BisectBatchOnFunctionError: mapping.bisectBatchOnFunctionError ?? false,
    MaximumRetryAttempts: mapping.maximumRetryAttempts ?? -1,
    MaximumRecordAgeInSeconds: mapping.maximumRecordAgeSeconds ?? -1,
    ParallelizationFactor: 1,
    DestinationConfig: { OnFailure: mapping.onFailureArn ? { Destination: mapping.onFailureArn } : {} },
  };
}
