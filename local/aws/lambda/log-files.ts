import { closeSync, existsSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { LogEntry, LogSink } from './log-lines.ts';

export interface LogFiles extends Disposable {
  log: LogSink;
}

/** Half of what one function may keep: at this size a file becomes `<name>.1.log`, and the one before it is gone. */
const rotateAtBytes = 20_000_000;

/**
 * Writes every log entry to `<folder>/<function name>.log`, text lines with time and request id, JSON lines as they are. A line that
 * cannot be written stops nobody's order: `warn` is told, once until lines can be written again.
 */
export function openLogFiles(folder: string, warn: (message: string) => void, maximumBytes = rotateAtBytes): LogFiles {
  mkdirSync(folder, { recursive: true });
  const files = new Map<string, { fd: number; bytes: number }>();
  let losing = false;

  function open(name: string): { fd: number; bytes: number } {
    // Someone may have deleted it meanwhile.
    mkdirSync(folder, { recursive: true });
    const fd = openSync(path.join(folder, `${name}.log`), 'a');
    const file = { fd, bytes: fstatSync(fd).size };
    files.set(name, file);
    return file;
  }

  function rotate(name: string, fd: number): { fd: number; bytes: number } {
    closeSync(fd);
    files.delete(name);
    const current = path.join(folder, `${name}.log`);
    if (existsSync(current)) renameSync(current, path.join(folder, `${name}.1.log`));
    return open(name);
  }

  function write(entry: LogEntry): void {
    const name = entry.functionName;
    let file = files.get(name) ?? open(name);
    if (file.bytes > maximumBytes) file = rotate(name, file.fd);
    // Written at once: the last lines before a crash are those that are needed.
    file.bytes += writeSync(file.fd, `${lineOf(entry)}\n`);
  }

  return {
    log(entry) {
      try {
        write(entry);
        losing = false;
      } catch (error) {
        if (!losing) warn(`What functions log is not kept: ${(error as Error).message}`);
        losing = true;
      }
    },
    [Symbol.dispose]() {
      for (const { fd } of files.values()) closeSync(fd);
      files.clear();
    },
  };
}

function lineOf({ at, requestId, line }: LogEntry): string {
  // What the console and the runtime write starts with the time already.
  return line.startsWith('{') || /^\d{4}-\d\d-\d\dT/.test(line) ? line : `${at}\t${requestId ?? '-'}\t${line}`;
}
