import { createWriteStream, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const MOST_BYTES = 20_000_000;
const KEPT_LINES = 5000;

export interface LogSink {
  readonly path: string;
  /** Takes one line that a part wrote. */
  write(part: string, line: string): void;
  /** The latest lines of this run. */
  lines(): readonly string[];
  close(): Promise<void>;
}

const Entry = z.looseObject({
  level: z.string().optional(),
  message: z.unknown().optional(),
  errorType: z.string().optional(),
  errorMessage: z.string().optional(),
});
const LOUD = new Set(['WARN', 'ERROR', 'FATAL', 'CRITICAL']);

/**
 * Collects what functions and engine write: everything into `functions.log` of the data directory with the part's
 * name in front, warnings and errors to `warn` as well.
 */
export const openLog = (dataDir: string, warn: (line: string) => void): LogSink => {
  const path = join(dataDir, 'functions.log');
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > MOST_BYTES) renameSync(path, `${path}.1`);
  const file = createWriteStream(path, { flags: 'a' });
  const recent: string[] = [];
  return {
    path,
    write: (part, line) => {
      const entry = `${new Date().toISOString()} ${part} ${line}`;
      if (!file.closed && !file.writableEnded) file.write(`${entry}\n`);
      if (recent.push(entry) > KEPT_LINES) recent.shift();
      const summary = warningIn(line);
      if (summary) warn(`${part} ${summary}`);
    },
    lines: () => recent,
    close: () => new Promise((resolve) => file.end(resolve)),
  };
};

/** A warning in a few words; undefined when the line is none. Lines that are not JSON come from a runtime in trouble. */
const warningIn = (line: string): string | undefined => {
  let entry: z.infer<typeof Entry>;
  try {
    entry = Entry.parse(JSON.parse(line));
  } catch {
    return line.trim() === '' ? undefined : line.slice(0, 300);
  }
  if (!entry.level || !LOUD.has(entry.level)) return undefined;
  const words =
    typeof entry.message === 'string'
      ? entry.message
      : `${entry.errorType ?? ''} ${entry.errorMessage ?? ''}`;
  return `${entry.level} ${words}`.replaceAll(/\s+/g, ' ').slice(0, 300);
};
