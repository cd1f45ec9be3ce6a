import type { LogEntry } from './aws/lambda/log-lines.ts';
import type { RuntimeLog } from './runtime.ts';

/** Members of a JSON log line that stand in front of the message, are said elsewhere, or say the same for every line of a function. */
const SAID_ALREADY = new Set([
  ...['level', 'message', 'timestamp', 'time', 'service', 'requestId', 'functionName', 'function_name', 'function_arn'],
  ...['function_memory_size', 'function_request_id', 'cold_start', 'sampling_rate', 'xray_trace_id'],
]);

/**
 * The runtime's log as people read it: time, who (the runtime or a function with its request id), level if it is worth a look, message,
 * what else there is.
 */
export function createLog(write: (line: string) => void): RuntimeLog {
  const say = (who: string, level: unknown, message: unknown, others: string[] = []) => {
    const time = new Date().toTimeString().slice(0, 8);
    const marked = String(level).toUpperCase() === 'INFO' ? undefined : String(level).toUpperCase();
    write(`${[time, who, marked, textOf(message), ...others].filter(Boolean).join('  ')}\n`);
  };
  return {
    info: (message) => say('runtime', 'info', message),
    warn: (message) => say('runtime', 'warn', message),
    function(entry, stackName) {
      const { level = 'info', message, ...rest } = fieldsOf(entry);
      if (isForMachines(rest)) return;
      const others = Object.entries(rest).filter(([name]) => !SAID_ALREADY.has(name));
      say(
        whoOf(entry, stackName),
        level,
        message,
        others.map(([name, value]) => `${name}=${textOf(value)}`),
      );
    },
  };
}

function fieldsOf({ line }: LogEntry): Record<string, unknown> {
  try {
    if (line.startsWith('{')) return JSON.parse(line) as Record<string, unknown>;
  } catch {
    // Text that looked like JSON.
  }
  return { message: line };
}

/** Metrics in embedded metric format; the platform's START, END and REPORT. */
function isForMachines(fields: Record<string, unknown>): boolean {
  return '_aws' in fields || String(fields.type ?? '').startsWith('platform.');
}

/** `waybill-prod-ApiPlaceOrder74C27CB6` -> `ApiPlaceOrder 1f2e3d4c` */
function whoOf({ functionName, requestId }: LogEntry, stackName: string): string {
  const short = functionName.startsWith(`${stackName}-`) ? functionName.slice(stackName.length + 1) : functionName;
  return [short.replace(/[0-9A-F]{8}$/, ''), requestId?.slice(0, 8)].filter(Boolean).join(' ');
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
