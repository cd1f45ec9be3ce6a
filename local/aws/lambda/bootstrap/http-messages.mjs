/**
 * Reads HTTP/1.1 messages with a Content-Length off a connection; both ends of the Runtime API use it. Chunked bodies are
 * not read: no runtime sends them except for streamed responses.
 */

/**
 * Returns a function that takes the chunks of a connection and calls `onMessage(startLine, headers, body)` for each whole message;
 * header names arrive in lower case.
 */
export function readMessages(onMessage) {
  let received = [];
  let receivedBytes = 0;
  let neededBytes = 0;
  return (chunk) => {
    received.push(chunk);
    receivedBytes += chunk.length;
    while (receivedBytes > 0 && receivedBytes >= neededBytes) {
      const data = received.length === 1 ? received[0] : Buffer.concat(received);
      received = [data];
      const headEnd = data.indexOf('\r\n\r\n');
      if (headEnd < 0) return;
      const { startLine, headers } = parseHead(data.latin1Slice(0, headEnd));
      neededBytes = headEnd + 4 + Number(headers['content-length'] ?? 0);
      if (receivedBytes < neededBytes) return;
      const body = data.utf8Slice(headEnd + 4, neededBytes);
      received = neededBytes < data.length ? [data.subarray(neededBytes)] : [];
      receivedBytes -= neededBytes;
      neededBytes = 0;
      onMessage(startLine, headers, body);
    }
  };
}

function parseHead(text) {
  const [startLine, ...lines] = text.split('\r\n');
  const headers = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { startLine, headers };
}
