import type { IncomingMessage } from 'node:http';

/** The body of a request as text; `undefined` when it is longer than `maxBytes`. */
export async function readText(request: IncomingMessage, maxBytes: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // The rest is read and dropped, so that the client sees the answer.
    if (bytes <= maxBytes) chunks.push(chunk);
  }
  return bytes > maxBytes ? undefined : (chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)).toString();
}
