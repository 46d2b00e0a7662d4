import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** What a command of the command line has to do with its surroundings: nothing else is touched. */
export interface Io {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A line to standard output. */
  readonly out: (line: string) => void;
  /** A line to standard error. */
  readonly err: (line: string) => void;
  /** Asks a question; what is typed is not shown. Without a terminal it reads a line of standard input. */
  readonly ask: (question: string) => Promise<string>;
}

/** A command: its arguments without the program's name, and how it ended (`EXIT`). */
export type Command = (args: readonly string[], io: Io) => Promise<number>;

/** How every command ends. */
export const EXIT = {
  fine: 0,
  /** Something is wrong, and it was said what. */
  wrong: 1,
  /** It was asked for in a way that is not understood. */
  usage: 2,
  /** Who was asked did not answer, so nothing is known. */
  unreachable: 3,
} as const;

/** The terminal that this process was started from. */
const terminal = (): Io => {
  const muted = new Writable({ write: (_chunk, _encoding, done) => done() });
  let lines: AsyncIterator<string> | undefined;
  return {
    environment: process.env,
    out: (line) => process.stdout.write(`${line}\n`),
    err: (line) => process.stderr.write(`${line}\n`),
    ask: async (question) => {
      process.stderr.write(question);
      if (process.stdin.isTTY) {
        const prompt = createInterface({ input: process.stdin, output: muted, terminal: true });
        const stopped = new AbortController();
        prompt.once('SIGINT', () => stopped.abort());
        try {
          return await new Promise<string>((resolve, reject) => {
            stopped.signal.addEventListener('abort', () => reject(new Error('Given up.')));
            prompt.question('', resolve);
          });
        } finally {
          prompt.close();
          process.stderr.write('\n');
        }
      }
      lines ??= createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })[
        Symbol.asyncIterator
      ]();
      const { value, done } = await lines.next();
      process.stderr.write('\n');
      return done ? '' : value;
    },
  };
};

/** Runs a command as this process: `if (import.meta.main) await runAsProcess(doctor)`. */
export const runAsProcess = async (command: Command): Promise<void> => {
  // What reads the output may have had enough of it.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  process.exitCode = await command(process.argv.slice(2), terminal());
  // A terminal that was asked something would keep the process alive.
  process.stdin.unref?.();
};
