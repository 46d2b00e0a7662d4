import { parseArgs } from 'node:util';
import { AppError } from '../domain/errors.ts';
import { runBackfill } from './candles-backfill.ts';
import { runExport, runList, runVerify } from './candles-store.ts';
import { type Command, EXIT, runAsProcess } from './io.ts';

const USAGE = `npm run candles -- <command>

  backfill <symbol> <interval> <from> <to>   fetch what is missing there; may be ended and run again at any time
  verify [<symbol> <interval>]               recount every slot, hash every window, fetch a sample again
      --sample <n>     windows of each series that are compared with the exchange (default 10)
      --repair         fetch and write anew what is wrong
  export <symbol> <interval> <from> <to>     candles to standard output
      --format csv|ndjson   (default csv; ndjson tells holes too)
  list                                       what is stored
  --json                                     what was done as JSON, a value a line; of export: --format ndjson

backfill invokes pull-klines: of npm start (CANDLES_URL, default http://127.0.0.1:3000), or of a deployed stack when
PULL_KLINES_FUNCTION names the function. The others read the table CANDLES_TABLE (default Candles) at DYNAMODB_ENDPOINT (the
engine that npm start prints), or in your AWS account when there is none; verify asks MEXC_REST_URL (default https://api.mexc.com).

Example: npm run candles -- backfill SOLUSDT 1m 2026-01-01 2026-02-01

Exit codes: 0 fine, 1 something is wrong (it says what), 2 wrong usage.`;

const OPTIONS = {
  format: { type: 'string' },
  sample: { type: 'string', default: '10' },
  repair: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** `npm run candles`, `npm run mexc -- candles`: the candle store by hand. */
export const candles: Command = async (args, { environment, out, err }) => {
  const given = read(args);
  if (typeof given === 'string') {
    err(given);
    err('See npm run candles -- --help.');
    return EXIT.usage;
  }
  const { values, positionals } = given;
  const [command, symbol, interval, from, to] = positionals;
  const asked = { symbol, interval, from, to };
  try {
    switch (values.help ? 'help' : command) {
      case 'backfill':
        return await runBackfill(asked, environment, values.json);
      case 'verify':
        return await runVerify(
          asked,
          { sample: Number(values.sample), repair: values.repair },
          environment,
          values.json,
        );
      case 'export':
        return await runExport(asked, values.format ?? (values.json ? 'ndjson' : 'csv'), environment);
      case 'list':
        return await runList(environment, values.json);
      default:
        (values.help ? out : err)(USAGE);
        return values.help ? EXIT.fine : EXIT.usage;
    }
  } catch (error) {
    const where = error instanceof AppError && 'path' in error ? `${error.path}: ` : '';
    err(`${where}${error instanceof Error ? error.message : String(error)}`);
    return EXIT.wrong;
  }
};

const read = (args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

if (import.meta.main) await runAsProcess(candles);
