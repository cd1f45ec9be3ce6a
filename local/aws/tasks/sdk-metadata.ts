export interface SdkMetadata {
  SdkHttpMetadata: {
    AllHttpHeaders: Record<string, string[]>;
    HttpHeaders: Record<string, string>;
    HttpStatusCode: number;
  };
  SdkResponseMetadata: { RequestId: string };
}

/** What the service's own SDK adds to the answers of other services, and what therefore stands in every task's output. */
export function sdkMetadata(
  statusCode: number,
  requestId: string,
  contentType: string,
  body: string,
  more: Record<string, string> = {},
): SdkMetadata {
  const headers = {
    ...more,
    'x-amzn-RequestId': requestId,
    Connection: 'keep-alive',
    'Content-Length': String(Buffer.byteLength(body)),
    'Content-Type': contentType,
  };
  return {
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      HttpHeaders: headers,
      HttpStatusCode: statusCode,
    },
    SdkResponseMetadata: { RequestId: requestId },
  };
}

/** How the service words an error answer of another service in a task's Cause. */
export function sdkCause(
  message: string,
  service: string,
  statusCode: number,
  code: string,
  requestId: string,
): string {
  return `${message} (Service: ${service}; Status Code: ${statusCode}; Error Code: ${code}; Request ID: ${requestId}; Proxy: null)`;
}
