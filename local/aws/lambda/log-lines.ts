/** Log lines of functions on their way from the process's pipes to the injected sink. */
import type { Readable } from 'node:stream';

export interface LogEntry {
  /** ISO 8601, in the runtime's moved time. */
  at: string;
  functionName: string;
  version: string;
  /** Undefined during init. */
  requestId?: string;
  /** Without the line end; may hold several lines if the function wrote one entry of several. */
  line: string;
}

export type LogSink = (entry: LogEntry) => void;

/** What a mark line starts with; see bootstrap/output.mjs. */
const mark = '\u0001';

/**
 * Splits a pipe into lines; `onLine(requestId, line)`, where the marks of the bootstrap say whose the following lines are. An empty mark
 * ends an invocation's output and calls `onEnd(requestId)`.
 */
export function readLogLines(
  stream: Readable,
  onLine: (requestId: string | undefined, line: string) => void,
  onEnd: (requestId: string | undefined) => void = () => {},
): void {
  let rest = '';
  let requestId: string | undefined;
  const take = (line: string) => {
    if (!line.startsWith(mark)) {
      if (line !== '') onLine(requestId, line.replaceAll('\r', '\n').trimEnd());
    } else if (line === mark) onEnd(requestId);
    else requestId = line.slice(1);
  };
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    for (const line of lines) take(line);
  });
  stream.on('end', () => take(rest));
}
