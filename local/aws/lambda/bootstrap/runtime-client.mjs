/** Client of the Lambda Runtime API over one kept-alive TCP connection; this is the hot path of every step, hence no node:http. */
import { connect } from 'node:net';
import { readMessages } from './http-messages.mjs';

/** `address`: `host:port/prefix`, the value of AWS_LAMBDA_RUNTIME_API. */
export function connectRuntimeApi(address) {
  const [, host, port, prefix] = /^(.+):(\d+)(.*)$/.exec(address);
  const socket = connect({ host, port: Number(port), noDelay: true });
  // Connection refused or closed: the host is gone, and nobody waits for an answer any more.
  socket.on('error', () => process.exit(0));
  socket.on('close', () => process.exit(0));

  const waiting = [];
  socket.on(
    'data',
    readMessages((_status, headers, body) => waiting.shift()({ headers, body })),
  );

  function send(method, path, body, type) {
    const { promise, resolve } = Promise.withResolvers();
    waiting.push(resolve);
    // An answer and the next question leave in one packet: the second does not wait for the receipt of the first.
    socket.cork();
    process.nextTick(() => socket.uncork());
    let head = `${method} ${prefix}/2018-06-01/runtime/${path} HTTP/1.1\r\nHost: ${host}:${port}\r\n`;
    if (type) head += `Lambda-Runtime-Function-Error-Type: ${String(type).replace(/[^ -~]/g, '?')}\r\n`;
    if (body === undefined) socket.write(`${head}\r\n`);
    else socket.write(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    return promise;
  }

  return {
    next: () => send('GET', 'invocation/next'),
    response: (requestId, body) => send('POST', `invocation/${requestId}/response`, body),
    invocationError: (requestId, error) =>
      send('POST', `invocation/${requestId}/error`, JSON.stringify(error), error.errorType),
    initError: (error) => send('POST', 'init/error', JSON.stringify(error), error.errorType),
    ref: () => socket.ref(),
    unref: () => socket.unref(),
  };
}
