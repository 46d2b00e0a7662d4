import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface Owned {
  readonly pid: number | undefined;
  /** Resolves with a description once the process is gone, whoever ended it. */
  readonly gone: Promise<string>;
  /** Closes its standard input, which our programs take as the end; kills it when it lingers. */
  stop(graceMilliseconds?: number): Promise<void>;
  kill(): Promise<void>;
}

export interface OwnedOptions {
  readonly env: Record<string, string>;
  readonly cwd?: string;
  readonly onLine: (line: string, stream: 'out' | 'err') => void;
}

/**
 * Starts a process that must not outlive us. It has a process group of its own, so that Ctrl-C in a terminal reaches
 * only us and we can end things in order; its standard input is a pipe from us, and its end is its sign to go.
 */
export const own = (program: string, args: readonly string[], { env, cwd, onLine }: OwnedOptions): Owned => {
  const child = spawn(program, args, { env, cwd, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.on('error', () => {});
  createInterface({ input: child.stdout }).on('line', (line) => onLine(line, 'out'));
  createInterface({ input: child.stderr }).on('line', (line) => onLine(line, 'err'));
  const gone = farewell(child);
  const kill = async () => {
    killGroup(child);
    await gone;
  };
  return {
    pid: child.pid,
    gone,
    kill,
    stop: async (graceMilliseconds = 6000) => {
      child.stdin.end();
      const late = setTimeout(() => killGroup(child), graceMilliseconds);
      await gone;
      clearTimeout(late);
    },
  };
};

/** The process and whatever it started: a guard that is killed could no longer end its program. */
const killGroup = (child: ChildProcess): void => {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // No process groups on this system, or it ended a moment ago.
    child.kill('SIGKILL');
  }
};

const farewell = async (child: ChildProcess): Promise<string> => {
  try {
    // 'close', not 'exit': by then every line it wrote has been read.
    await once(child, 'close');
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return child.signalCode
    ? `signal: ${child.signalCode === 'SIGKILL' ? 'killed' : child.signalCode}`
    : `exit status ${child.exitCode}`;
};
