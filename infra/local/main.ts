import { parseArgs } from 'node:util';
import { tellOthers } from './running.ts';
import { isFirstStart, sendSample } from './sample.ts';
import { type LocalSettings, readSettings } from './settings.ts';
import { StartError } from './start-error.ts';
import { type LocalStack, startStack } from './start-stack.ts';
import { watchStarter } from './starter.ts';

const USAGE =
  'Usage: npm start [-- --once | --no-sample]. Settings are environment variables, see README.md.';

const say = (line: string): void => console.log(line);

const readFlags = (): { once: boolean; sample: boolean } => {
  try {
    const { values } = parseArgs({
      options: { once: { type: 'boolean' }, 'no-sample': { type: 'boolean' } },
    });
    if (values.once && values['no-sample'])
      throw new StartError(`--once and --no-sample exclude each other. ${USAGE}`);
    return { once: values.once ?? false, sample: !values['no-sample'] };
  } catch (error) {
    throw error instanceof StartError
      ? error
      : new StartError(`${error instanceof Error ? error.message : error} ${USAGE}`);
  }
};

const introduce = (stack: LocalStack, settings: LocalSettings): void => {
  const { engine, exchange } = stack;
  say(`database    ${engine.endpoint} (${engine.name}), data in ${settings.dataDir}`);
  if (engine.caution) say(`            ${engine.caution}`);
  say(
    exchange.controlUrl
      ? `simulator   ${exchange.restUrl}, control ${exchange.controlUrl}`
      : `exchange    ${exchange.restUrl}`,
  );
  say(`secrets     ${stack.secretsUrl}, for what no setting holds`);
  say(`webhook     POST ${stack.url}/webhook`);
  if (!settings.readToken) say(`read token  ${stack.readToken}`);
  if (!settings.adminToken) say(`admin token ${stack.adminToken}`);
  say(`logs        ${stack.logFile}`);
  say(`ready ${stack.url}`);
};

/** Runs until a signal, or until the sample is done with --once. Answers the exit code; a stop by signal is 0. */
const main = async (): Promise<number> => {
  const stopped = new AbortController();
  const stopAsked = new Promise<void>((resolve) => {
    const stop = (): void => {
      stopped.abort();
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
    watchStarter(stop);
  });
  // Whoever read our output may be gone before us.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const flags = readFlags();
  const settings = readSettings(process.env);
  const stack = await startStack(settings, { say, signal: stopped.signal, runsOthers: !flags.once });
  const takeBack = tellOthers(settings.dataDir, stack);
  try {
    introduce(stack, settings);
    if (flags.once || (flags.sample && (await isFirstStart(stack)))) {
      const result = await Promise.race([sendSample(stack, settings, say), stopAsked]);
      if (result) say(result.words);
      if (flags.once) return result?.filled ? 0 : 1;
    }
    const failure = await Promise.race([stack.failed, stopAsked]);
    if (failure) throw new StartError(`${failure}.`);
    return 0;
  } finally {
    takeBack();
    await stack.stop();
  }
};

try {
  process.exitCode = await main();
} catch (error) {
  const isExpected = error instanceof StartError;
  const isStop = error instanceof Error && error.name === 'AbortError';
  if (!isStop) console.error(isExpected ? error.message : error);
  process.exitCode = isStop ? 0 : 1;
}
