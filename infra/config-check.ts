import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { type Command, EXIT, type Io, runAsProcess } from '../lib/cli/io.ts';
import { EXIT_CODES, runProgram } from '../lib/cli/program.ts';
import { type Config, ConfigError, readConfig } from './config.ts';
import { unknownSymbols } from './config-symbols.ts';
import { inWords } from './config-words.ts';

const PATIENCE = 8_000;

const Context = z.looseObject({ context: z.looseObject({ mexc: z.unknown() }).optional() });
const Prices = z.array(z.looseObject({ symbol: z.string() })).min(1);

interface Options {
  readonly exchange?: string;
  readonly offline?: true;
  readonly json?: true;
}

/** `npm run config`: says what the configuration means, or a sentence for everything that is wrong with it. */
export const config: Command = (args, io) =>
  runProgram('config', args, io, (program, end) => {
    program.description('The configuration of a deployment.').addHelpText('after', EXIT_CODES);
    program
      .command('check')
      .description('says what the configuration means, and what is wrong with it')
      .argument('[file]', 'a configuration file (default: CONFIG, else the context in cdk.json)')
      .option('--exchange <url>', 'the exchange whose symbols they are compared with (default: mexcRestUrl)')
      .option('--offline', 'do not compare the symbols with those of the exchange')
      .option('--json', 'the whole configuration, defaults filled in, as JSON')
      .addHelpText('after', '\nExample:\n  npm run config -- check my-config.json')
      .action(async (file: string | undefined, options: Options) => end(await check(file, options, io)));
  });

const check = async (file: string | undefined, options: Options, io: Io): Promise<number> => {
  let checked: Config;
  try {
    checked = configured(file, io);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const sentence of error.sentences)
      io.err(`${sentence}.`.replace(/[.?]\.$/, (end) => end.slice(0, 1)));
    return EXIT.wrong;
  }
  const listed = options.offline ? undefined : await symbolsAt(options.exchange ?? checked.mexcRestUrl);
  const unknown = listed ? unknownSymbols(checked, listed) : [];
  for (const sentence of unknown) io.err(sentence);
  if (unknown.length > 0) return EXIT.wrong;
  if (options.json) io.out(JSON.stringify(checked, null, 1));
  else for (const line of inWords(checked)) io.out(line);
  io.err(
    listed
      ? 'Nothing is wrong with it; the exchange knows all symbols.'
      : 'Nothing is wrong with it; the symbols were not compared with those of the exchange.',
  );
  return EXIT.fine;
};

/** The configuration of a file, of CONFIG, or of cdk.json in this folder. @throws ConfigError */
export const configured = (file: string | undefined, { environment }: Pick<Io, 'environment'>): Config => {
  const path = file ?? (environment.CONFIG || undefined);
  return readConfig({ path, context: path ? undefined : contextHere() });
};

const contextHere = (): unknown => {
  let text: string;
  try {
    text = readFileSync('cdk.json', 'utf8');
  } catch {
    throw new ConfigError(
      'There is no cdk.json here: run this in the folder of the project, or name a file.',
    );
  }
  try {
    return Context.parse(JSON.parse(text)).context?.mexc;
  } catch {
    throw new ConfigError('cdk.json here is not JSON with a context.');
  }
};

/** All symbols of the exchange, undefined where it does not answer. */
const symbolsAt = async (exchange: string): Promise<ReadonlySet<string> | undefined> => {
  try {
    const response = await fetch(new URL('/api/v3/ticker/price', exchange), {
      signal: AbortSignal.timeout(PATIENCE),
    });
    return new Set(Prices.parse(await response.json()).map(({ symbol }) => symbol));
  } catch {
    return undefined;
  }
};

if (import.meta.main) await runAsProcess(config);
