import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { MiddlewareObj } from '@middy/core';

/** Named by POWERTOOLS_SERVICE_NAME, POWERTOOLS_METRICS_NAMESPACE and POWERTOOLS_LOG_LEVEL. */
export const logger = new Logger();
export const metrics = new Metrics();

function flushMetrics(): void {
  if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
}

/** Writes what was counted in an invocation, however it ended. */
export const metricsFlushed: MiddlewareObj = { after: flushMetrics, onError: flushMetrics };
