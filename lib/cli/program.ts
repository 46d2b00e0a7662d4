import { CommanderError, Command as Program } from 'commander';
import { AppError } from '../domain/errors.ts';
import { EXIT, type Io } from './io.ts';

/** Who was asked gave no answer. */
export class UnreachableError extends AppError {
  override name = 'UnreachableError';
}

/** It was asked for in a way that makes no sense. */
export class UsageError extends AppError {
  override name = 'UsageError';

  constructor(message: string) {
    super('usage', message);
  }
}

/** Every help ends with it. */
export const EXIT_CODES = `
Exit codes: 0 fine, 1 something is wrong (it says what), 2 wrong usage, 3 no answer.`;

/**
 * Reads arguments and carries out what they ask for; every error becomes a sentence and an exit code.
 * @param define puts options, subcommands and their actions onto the program; an action ends with `end(status)`
 * @param options.quotes whether a usage error may repeat what was typed: not where that may be a secret
 */
export const runProgram = async (
  name: string,
  args: readonly string[],
  io: Io,
  define: (program: Program, end: (status: number) => void) => void,
  { quotes = true }: { readonly quotes?: boolean } = {},
): Promise<number> => {
  let status: number = EXIT.fine;
  const program = new Program(name);
  const said: string[] = [];
  program
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text.trimEnd()), writeErr: (text) => said.push(text) })
    .allowExcessArguments(false);
  define(program, (it) => {
    status = it;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) {
      const isHelp = error.exitCode === 0;
      const isAsked = error.code !== 'commander.help';
      if (!isHelp && (quotes || !isAsked)) for (const text of said) io.err(text.trimEnd());
      if (!isHelp && isAsked) {
        if (!quotes) io.err('These arguments are not understood. Keys are never given as arguments.');
        io.err(`See npm run ${name} -- --help.`);
      }
      return isHelp ? EXIT.fine : EXIT.usage;
    }
    io.err(error instanceof Error ? error.message : String(error));
    if (error instanceof UsageError) return EXIT.usage;
    return error instanceof UnreachableError ? EXIT.unreachable : EXIT.wrong;
  }
};
