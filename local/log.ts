import { pino } from 'pino';
import type { LogEntry } from './aws/lambda/log-lines.ts';
import type { RuntimeLog } from './runtime.ts';

const LEVELS: Record<number, string> = { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' };

/** Members of a JSON log line that stand in front of the message, are said elsewhere, or say the same for every line of a function. */
const SAID_ALREADY = new Set(
  [
    'level',
    'message',
    'timestamp',
    'service',
    'function_name',
    'function_arn',
    'function_memory_size',
    'function_request_id',
  ].concat(['cold_start', 'sampling_rate', 'xray_trace_id', 'requestId', 'time', 'functionName']),
);

/**
 * The runtime's log as people read it: time, who (the runtime or a function with its request id), level if it is worth a look, message,
 * what else there is.
 */
export function createLog(write: (line: string) => void): RuntimeLog {
  const logger = pino(
    { base: null, timestamp: false, formatters: { level: (label) => ({ level: label }) } },
    { write: (line) => write(`${human(JSON.parse(line))}\n`) },
  );
  return {
    info: (message) => logger.info(message),
    warn: (message) => logger.warn(message),
    function(entry, stackName) {
      const fields = fieldsOf(entry);
      if (!fields) return;
      const level = String(fields.level ?? 'info').toLowerCase();
      const log = level === 'error' || level === 'warn' ? level : 'info';
      logger[log]({ ...fields, who: whoOf(entry, stackName), level: undefined });
    },
  };
}

/** `undefined` for what is no line for people: metrics in embedded metric format, the runtime's START, END and REPORT. */
function fieldsOf({ line }: LogEntry): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return { msg: line };
  try {
    const { message, ...rest } = JSON.parse(line) as Record<string, unknown>;
    if ('_aws' in rest || String(rest.type ?? '').startsWith('platform.')) return undefined;
    return { ...rest, msg: message };
  } catch {
    return { msg: line };
  }
}

/** `waybill-prod-ApiPlaceOrder74C27CB6` -> `ApiPlaceOrder 1f2e3d4c` */
function whoOf({ functionName, requestId }: LogEntry, stackName: string): string {
  const short = functionName.startsWith(`${stackName}-`) ? functionName.slice(stackName.length + 1) : functionName;
  return [short.replace(/[0-9A-F]{8}$/, ''), requestId?.slice(0, 8)].filter(Boolean).join(' ');
}

function human({ level, msg, who, ...rest }: Record<string, unknown>): string {
  const name = typeof level === 'number' ? LEVELS[level] : String(level);
  const marked = name === 'info' ? [] : [String(name).toUpperCase()];
  const others = Object.entries(rest)
    .filter(([key]) => !SAID_ALREADY.has(key))
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const message = typeof msg === 'string' ? msg : JSON.stringify(msg);
  return [new Date().toTimeString().slice(0, 8), who ?? 'runtime', ...marked, message, ...others]
    .filter(Boolean)
    .join('  ');
}
