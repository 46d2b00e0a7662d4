import type { Io } from '../../lib/cli/io.ts';
import { mexc, type Surroundings } from '../../lib/cli/mexc.ts';

export interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
  /** Standard output as JSON, a value a line. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the answer is said to hold
  readonly json: any[];
  /** Questions that were asked. */
  readonly asked: readonly string[];
}

export interface RunOptions extends Surroundings {
  readonly environment?: Readonly<Record<string, string>>;
  /** What is typed when something is asked. */
  readonly typed?: readonly string[];
}

/** Runs `npm run mexc --` with these arguments, in this process. */
export const runMexc = async (args: readonly string[], options: RunOptions = {}): Promise<Ran> => {
  const { environment = {}, typed = [], ...surroundings } = options;
  const [out, err, asked]: [string[], string[], string[]] = [[], [], []];
  const io: Io = {
    environment,
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    ask: async (question) => {
      asked.push(question);
      return typed[asked.length - 1] ?? '';
    },
  };
  const status = await mexc(surroundings)(args, io);
  return {
    status,
    out: out.join('\n'),
    err: err.join('\n'),
    asked,
    get json() {
      return out
        .join('\n')
        .split('\n')
        .map((line) => JSON.parse(line));
    },
  };
};
