import { readFileSync } from 'node:fs';

const LOOK_MILLISECONDS = 500;

/**
 * Calls `gone` once when npm, which started us, has ended without telling us: a SIGTERM to npm ends the shell between
 * us, and a kill of npm nothing else. Without npm nobody is watched.
 */
export const watchStarter = (gone: () => void): void => {
  if (!process.env.npm_lifecycle_event) return;
  const before = ancestors();
  const timer = setInterval(() => {
    if (ancestors() === before) return;
    clearInterval(timer);
    gone();
  }, LOOK_MILLISECONDS).unref();
};

/** Ids of the parent and, where /proc tells, of its parent. */
const ancestors = (): string => {
  try {
    const stat = readFileSync(`/proc/${process.ppid}/stat`, 'utf8');
    return `${process.ppid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]}`;
  } catch {
    return String(process.ppid);
  }
};
