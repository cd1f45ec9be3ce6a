import { spawn } from 'node:child_process';

/** Kills process groups that would outlive us. */
export interface OrphanGuard {
  /** `pid`: leader of a process group of its own. */
  watch(pid: number): void;
  /** That process ended by itself. */
  unwatch(pid: number): void;
  /** Kills whatever is still watched. */
  close(): void;
}

/** Keeps a list of process groups, and kills what is on it when its input ends, however that came about. */
const script = `
groups=
while read -r verb pid; do
  case $verb in
    watch) groups="$groups $pid" ;;
    unwatch)
      kept=
      for group in $groups; do [ "$group" = "$pid" ] || kept="$kept $group"; done
      groups=$kept ;;
  esac
done
for group in $groups; do kill -9 "-$group"; done`;

/**
 * A shell that reads from us: when we die, even by SIGKILL, its input ends. A function's process notices our end by its connection, but not
 * while its handler computes; nobody would be left to enforce its timeout. Where there is no /bin/sh there is no guard.
 */
export function startOrphanGuard(): OrphanGuard {
  const shell = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  shell.on('error', () => {});
  shell.stdin.on('error', () => {});
  shell.unref();
  const tell = (verb: string, pid: number) => shell.stdin.write(`${verb} ${pid}\n`);
  return {
    watch: (pid) => void tell('watch', pid),
    unwatch: (pid) => void tell('unwatch', pid),
    close: () => void shell.stdin.end(),
  };
}
