import type { IncomingMessage } from 'node:http';

/** API Gateway's limit. */
export const MAX_BODY_BYTES = 10 * 1024 * 1024;
/** Of all bodies that are being read at one time, so that many slow large requests do not fill the memory. */
const MAX_BYTES_IN_FLIGHT = 128 * 1024 * 1024;
let bytesInFlight = 0;

export type Body = { bytes: Buffer } | { refused: 413 | 503 };

/** Reads the body and stops as soon as it is too long, whatever its `Content-Length` says. */
export async function readBody(request: IncomingMessage): Promise<Body> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) return { refused: 413 };
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    // Not `for await`: leaving such a loop destroys the socket, and then the client does not see the answer.
    return await new Promise<Body>((resolve, reject) => {
      request.on('data', (chunk: Buffer) => {
        length += chunk.length;
        bytesInFlight += chunk.length;
        if (length > MAX_BODY_BYTES) stop({ refused: 413 });
        else if (bytesInFlight > MAX_BYTES_IN_FLIGHT) stop({ refused: 503 });
        else chunks.push(chunk);
      });
      request.on('end', () => resolve({ bytes: Buffer.concat(chunks) }));
      request.on('close', () => reject(new Error('the client went away')));
      const stop = (refusal: Body) => {
        request.pause();
        request.removeAllListeners('data');
        resolve(refusal);
      };
    });
  } finally {
    bytesInFlight -= length;
  }
}
