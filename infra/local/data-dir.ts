import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { StartError } from './start-error.ts';

const Tokens = z.object({ readToken: z.string().min(1), adminToken: z.string().min(1) });
export type Tokens = z.infer<typeof Tokens>;

/** Takes the data directory for this process alone; the answer gives it back. A crash leaves nothing to clean up. */
export const lockDataDir = (dataDir: string): (() => void) => {
  if (held.has(dataDir)) throw inUse(dataDir, process.pid);
  try {
    mkdirSync(dataDir, { recursive: true });
  } catch (error) {
    throw new StartError(
      `DATA_DIR ${dataDir} cannot be made: ${error instanceof Error ? error.message : error}.`,
    );
  }
  const path = join(dataDir, 'lock');
  const [pid, born] = readIfThere(path)?.trim().split(' ') ?? [];
  if (pid && Number(pid) !== process.pid && isAlive(Number(pid)) && birthOf(Number(pid)) === (born ?? '')) {
    throw inUse(dataDir, Number(pid));
  }
  try {
    writeFileSync(path, `${process.pid} ${birthOf(process.pid)}\n`);
  } catch (error) {
    throw new StartError(
      `DATA_DIR ${dataDir} cannot be written: ${error instanceof Error ? error.message : error}.`,
    );
  }
  held.add(dataDir);
  return () => {
    held.delete(dataDir);
    rmSync(path, { force: true });
  };
};

/** What this very process holds: its own id in a lock file may be left from a process before it. */
const held = new Set<string>();

const inUse = (dataDir: string, pid: number): StartError =>
  new StartError(
    `DATA_DIR ${dataDir} is in use by process ${pid}; stop that one or choose another DATA_DIR.`,
  );

/** The tokens that were not set: made at the first start and kept, so that they survive a restart. */
export const keepTokens = (
  dataDir: string,
  given: { readToken: string | undefined; adminToken: string | undefined },
): Tokens => {
  const path = join(dataDir, 'tokens.json');
  const text = readIfThere(path);
  const kept = Tokens.safeParse(jsonOf(text ?? '{}'));
  if (text !== undefined && !kept.success) {
    throw new StartError(`${path} is damaged: remove it, and new tokens are made at the next start.`);
  }
  const made = kept.success ? kept.data : { readToken: makeToken(), adminToken: makeToken() };
  if (!kept.success) writeFileSync(path, `${JSON.stringify(made)}\n`, { mode: 0o600 });
  chmodSync(path, 0o600);
  return { readToken: given.readToken ?? made.readToken, adminToken: given.adminToken ?? made.adminToken };
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const makeToken = (): string => randomBytes(24).toString('base64url');

const readIfThere = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** When a process began, in the kernel's ticks: process ids are used again. Empty where there is no /proc. */
const birthOf = (pid: number): string => {
  const stat = readIfThere(`/proc/${pid}/stat`) ?? '';
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
};
