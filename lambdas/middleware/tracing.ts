import type { MiddlewareObj } from '@middy/core';

/**
 * A subsegment in X-Ray for each invocation. The X-Ray SDK takes some 70 ms to load, so it is loaded (while the rest of
 * the module starts) only where a trace is written, and not where POWERTOOLS_TRACE_ENABLED=false says that none is.
 */
export function tracing(): MiddlewareObj[] {
  if (process.env.POWERTOOLS_TRACE_ENABLED === 'false') return [];
  const loading = loadTracing();
  return [
    {
      before: async (request) => (await loading).before?.(request),
      after: async (request) => (await loading).after?.(request),
      onError: async (request) => (await loading).onError?.(request),
    },
  ];
}

async function loadTracing(): Promise<MiddlewareObj> {
  const [{ Tracer }, { captureLambdaHandler }] = await Promise.all([
    import('@aws-lambda-powertools/tracer'),
    import('@aws-lambda-powertools/tracer/middleware'),
  ]);
  // What a step returns may be about a customer; a trace is read by more people than a table.
  return captureLambdaHandler(new Tracer(), { captureResponse: false });
}
