/**
 * Log lines to the host: console lines as AWS writes them, and every stream marked with the request it belongs to.
 * A mark is a line `\u0001<requestId>` before the first output of an invocation: pipe and Runtime API are separate
 * channels, so the host cannot tell from the time of arrival whose line it reads.
 */
import { format } from 'node:util';

let current = '';
const asJson = process.env.AWS_LAMBDA_LOG_FORMAT === 'JSON';

/** Output from now on belongs to this invocation. */
export function startOutputOf(requestId) {
  current = requestId;
}

/** One log entry in the format that the function is set to; `values` as console.log takes them. */
export function log(level, ...values) {
  const timestamp = new Date().toISOString();
  if (asJson) {
    const message = values.length === 1 ? values[0] : format(...values);
    process.stdout.write(`${JSON.stringify({ timestamp, level, requestId: current || undefined, message })}\n`);
  } else {
    // As on AWS: a carriage return keeps a text of several lines one entry; the host shows it as lines again.
    const text = format(...values).replaceAll('\n', '\r');
    process.stdout.write(`${timestamp}\t${current || 'undefined'}\t${level}\t${text}\n`);
  }
}

/** Tells the host that everything which the invocation wrote is written; only sent when the caller asked for the log tail. */
export function endOutput() {
  process.stdout.write('\u0001\n');
}

export function patchOutput() {
  for (const [method, level] of Object.entries({
    log: 'INFO',
    info: 'INFO',
    warn: 'WARN',
    error: 'ERROR',
    debug: 'DEBUG',
    trace: 'TRACE',
  })) {
    console[method] = (...values) => log(level, ...values);
  }
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write;
    let marked = '';
    stream.write = (chunk, ...rest) => {
      if (marked !== current) {
        marked = current;
        write.call(stream, `\u0001${current}\n`);
      }
      return write.call(stream, chunk, ...rest);
    };
  }
}
