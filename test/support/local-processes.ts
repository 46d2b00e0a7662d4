import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

export interface Started {
  readonly child: ChildProcess;
  /** Everything printed so far. */
  output(): string;
  /** Resolves with the first match in what it prints; fails when it ends before. */
  seen(pattern: RegExp): Promise<RegExpExecArray>;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

/** Starts a script of the project in a process of its own. */
export const start = (script: string, args: readonly string[], env: Record<string, string> = {}): Started => {
  const path = new URL(`../../${script}`, import.meta.url).pathname;
  const child = spawn(process.execPath, [path, ...args], {
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const watchers = new Set<() => void>();
  const take = (text: string): void => {
    output += text;
    for (const watch of watchers) watch();
  };
  child.stdout.setEncoding('utf8').on('data', take);
  child.stderr.setEncoding('utf8').on('data', take);
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'gone'));
  });
  return {
    child,
    ended,
    output: () => output,
    seen: (pattern) =>
      new Promise((resolve, reject) => {
        const watch = (): void => {
          const found = pattern.exec(output);
          if (!found) return;
          watchers.delete(watch);
          resolve(found);
        };
        watchers.add(watch);
        watch();
        void ended.then((how) => reject(new Error(`ended (${how}) before ${pattern}:\n${output}`)));
      }),
  };
};

/** Process ids of all descendants, from /proc. */
export const descendants = (pid: number): number[] => {
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It ended while we were reading.
    }
  }
  const children = [...parents].filter(([, parent]) => parent === pid).map(([child]) => child);
  return children.flatMap((child) => [child, ...descendants(child)]);
};

const isRunning = (pid: number): boolean => {
  try {
    // A zombie waits only for its parent, which in a container may never come.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return false;
  }
};

/** Which of the processes are still there once all are gone or patience ends. */
export const survivors = async (pids: readonly number[], milliseconds: number): Promise<number[]> => {
  const deadline = Date.now() + milliseconds;
  let left = pids.filter(isRunning);
  while (left.length > 0 && Date.now() < deadline) {
    await wait(25);
    left = left.filter(isRunning);
  }
  return left;
};
