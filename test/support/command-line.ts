import type { Command } from '../../lib/cli/io.ts';

/** How a command ended and what it said. */
export interface Ended {
  readonly status: number;
  readonly out: string;
  readonly err: string;
  /** Standard output as JSON. */
  json(): unknown;
}

/** Runs a command of the command line in this process. @param answers what is typed, question by question */
export const run = async (
  command: Command,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  answers: readonly string[] = [],
): Promise<Ended> => {
  const out: string[] = [];
  const err: string[] = [];
  const typed = [...answers];
  const status = await command(args, {
    environment,
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    ask: async (question) => {
      err.push(question);
      return typed.shift() ?? '';
    },
  });
  const text = out.join('\n');
  return { status, out: text, err: err.join('\n'), json: () => JSON.parse(text) };
};
