#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { CommanderError, Command as Program } from 'commander';
import * as z from 'zod';
import { candles } from './candles.ts';
import { doctor } from './doctor.ts';
import { type Command, EXIT as ENDS, type Io, runAsProcess } from './io.ts';
import { keys } from './keys.ts';
import { addAccountCommands } from './mexc/account-commands.ts';
import { openApi, RefusedError } from './mexc/api.ts';
import { addControlCommands } from './mexc/control-commands.ts';
import { addOrderCommands } from './mexc/order-commands.ts';
import { harmless, jsonLine, progressOn, type Screen, type Session } from './mexc/session.ts';
import { ForbiddenError, openTarget } from './mexc/target.ts';
import { UnreachableError, UsageError } from './program.ts';

const EXIT = { ...ENDS, /** A token is missing or was not taken. */ forbidden: 4 } as const;

const EXIT_CODES = `
Exit codes: 0 done, 1 refused or failed (it says why), 2 wrong usage, 3 no answer, 4 no permission.`;

const WHERE = `
Without --url it talks to the stack that runs here (npm start): http://127.0.0.1:PORT, default 3000, with the tokens that it keeps
in DATA_DIR (or READ_TOKEN and ADMIN_TOKEN, as npm start takes them). With --url, or MEXC_URL, to a deployed one; its tokens are
MEXC_READ_TOKEN, MEXC_ADMIN_TOKEN and MEXC_WEBHOOK_TOKEN, or asked for. They are never arguments. All times are UTC.`;

/** What a command of the line has beside its input and output. */
export interface Surroundings {
  /** @default asks as for a token */
  readonly confirm?: (question: string) => Promise<boolean>;
  /** @default lines to standard error */
  readonly screen?: Screen;
  /** Ends what goes on until it is ended; asked for once that has begun. */
  readonly interrupted?: () => AbortSignal;
}

/** Programs of their own that are commands here too. */
const OTHERS: Readonly<
  Record<string, { readonly run: Command; readonly does: string; readonly shown: string }>
> = {
  candles: { run: candles, does: 'backfill, verify, export and list stored candles', shown: 'candles list' },
  doctor: {
    run: doctor,
    does: 'check keys, clock, rights and symbols against the exchange',
    shown: 'doctor --json',
  },
  keys: {
    run: keys,
    does: 'store keys of the exchange, make webhook tokens',
    shown: 'keys webhook ema-cross',
  },
  config: {
    run: (args) => runFile('../../infra/config-check.ts', args),
    does: 'say in plain words what the configuration means',
    shown: 'config check',
  },
  cost: {
    run: (args) => runFile('../../infra/cost/main.ts', args),
    does: 'estimate what a month costs',
    shown: 'cost --json',
  },
};

/** A program that must not be imported from here, as a process with this one's input and output. */
const runFile = (path: string, args: readonly string[]): Promise<number> =>
  new Promise((resolve, reject) => {
    const file = fileURLToPath(new URL(path, import.meta.url));
    const child = spawn(process.execPath, [file, ...args], { stdio: 'inherit' });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? EXIT.wrong));
  });

/** The command line, `npm run mexc --`. */
export const mexc =
  (surroundings: Surroundings = {}): Command =>
  async (args, io) => {
    const [name = '', ...rest] = args;
    const other = Object.hasOwn(OTHERS, name) ? OTHERS[name] : undefined;
    return other ? other.run(rest, io) : runOwn(args, io, surroundings);
  };

const runOwn = async (args: readonly string[], io: Io, surroundings: Surroundings): Promise<number> => {
  let status: number = EXIT.fine;
  const said: string[] = [];
  const program = new Program('mexc')
    .usage('<command> [options]')
    .description('Look at a stack, and act on it.')
    .option(
      '--url <address>',
      'the deployed stack, e.g. https://abc.execute-api.ap-northeast-1.amazonaws.com',
    )
    .option('--json', 'the answer as JSON on one line (of tail and export: a line each); errors too')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', WHERE)
    .addHelpText('afterAll', EXIT_CODES)
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text.trimEnd()), writeErr: (text) => said.push(text) })
    .allowExcessArguments(false);
  const run = async (work: (session: Session) => Promise<number>): Promise<void> => {
    status = await work(await openSession(program.opts(), io, surroundings));
  };
  addAccountCommands(program, run);
  addOrderCommands(program, run, surroundings.interrupted ?? (() => new AbortController().signal));
  addControlCommands(program, run);
  addOthers(program);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.fine;
      for (const line of said.join('').trimEnd().split('\n')) io.err(harmless(line));
      if (error.code !== 'commander.help') io.err('See npm run mexc -- --help.');
      return EXIT.usage;
    }
    tell(error, args.includes('--json'), io);
    return endOf(error);
  }
};

/** They are carried out before their names get here: this is their line in the help. */
const addOthers = (program: Program): void => {
  program.commandsGroup('More, with a help of their own:');
  for (const [name, { does, shown }] of Object.entries(OTHERS))
    program
      .command(name)
      .description(does)
      .allowUnknownOption()
      .allowExcessArguments()
      .addHelpText('after', `\nExample:\n  npm run mexc -- ${shown}\n\nMore: npm run mexc -- ${name} --help`);
};

const openSession = async (
  { url, json = false }: { readonly url?: string; readonly json?: boolean },
  io: Io,
  { confirm, screen }: Surroundings,
): Promise<Session> => ({
  api: openApi(await openTarget(url, io)),
  json,
  say: (line = '') => io.out(harmless(line)),
  print: (value) => io.out(jsonLine(value)),
  write: (text) => io.out(text.replace(/\n$/, '')),
  warn: (line) => io.err(harmless(line)),
  confirm: confirm ?? (async (question) => (await io.ask(`${question} Type yes: `)).trim() === 'yes'),
  progress: progressOn(screen ?? linesTo(io)),
  now: Date.now,
});

const linesTo = (io: Io): Screen => ({
  isTTY: false,
  write: (text: string | Uint8Array) => {
    io.err(String(text).trimEnd());
    return true;
  },
});

/** A refused alert is an order all the same. */
const Kept = z.object({ id: z.string() });

/** What went wrong, without a stack: to a person, or as JSON in place of the answer. */
const tell = (error: unknown, json: boolean, io: Io): void => {
  const message = error instanceof Error ? error.message : String(error);
  const details = error instanceof RefusedError ? error.details : [];
  if (json) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'failed';
    const body = error instanceof RefusedError ? error.body : undefined;
    io.out(jsonLine(body ?? { error: { code, message, ...(details.length > 0 && { details }) } }));
    return;
  }
  io.err(harmless(message));
  for (const detail of details)
    if (detail.message !== message) io.err(harmless(`  ${detail.path}: ${detail.message}`));
  const kept = Kept.safeParse(error instanceof RefusedError ? error.body : undefined);
  if (kept.success) io.err(harmless(`It is kept: order ${kept.data.id}`));
};

const endOf = (error: unknown): number => {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof UnreachableError) return EXIT.unreachable;
  return error instanceof ForbiddenError ? EXIT.forbidden : EXIT.wrong;
};

/** A question whose answer is seen while it is typed. */
const confirmAt =
  (terminal: NodeJS.ReadStream) =>
  async (question: string): Promise<boolean> => {
    const prompt = createInterface({ input: terminal, output: process.stderr });
    try {
      return (await prompt.question(`${question} Type yes: `)).trim() === 'yes';
    } finally {
      prompt.close();
    }
  };

const ctrlC = (): AbortSignal => {
  const stopped = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stopped.abort());
  // What reads the output may have had enough of it.
  process.stdout.once('error', () => stopped.abort());
  return stopped.signal;
};

if (import.meta.main)
  await runAsProcess(
    mexc({
      screen: process.stderr,
      interrupted: ctrlC,
      ...(process.stdin.isTTY && { confirm: confirmAt(process.stdin) }),
    }),
  );
