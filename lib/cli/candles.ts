import { parseArgs } from 'node:util';
import { AppError } from '../domain/errors.ts';
import { runBackfill } from './candles-backfill.ts';
import { runExport, runList, runVerify } from './candles-store.ts';

const USAGE = `npm run candles -- <command>

  backfill <symbol> <interval> <from> <to>   fetch what is missing there; may be ended and run again at any time
  verify [<symbol> <interval>]               recount every slot, hash every window, fetch a sample again
      --sample <n>     windows of each series that are compared with the exchange (default 10)
      --repair         fetch and write anew what is wrong
  export <symbol> <interval> <from> <to>     candles to standard output
      --format csv|ndjson   (default csv; ndjson tells holes too)
  list                                       what is stored

backfill invokes pull-klines: of npm start (CANDLES_URL, default http://127.0.0.1:3000), or of a deployed stack when
PULL_KLINES_FUNCTION names the function. The others read the table CANDLES_TABLE (default Candles) at DYNAMODB_ENDPOINT (the
engine that npm start prints), or in your AWS account when there is none; verify asks MEXC_REST_URL (default https://api.mexc.com).
`;

const main = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      format: { type: 'string', default: 'csv' },
      sample: { type: 'string', default: '10' },
      repair: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [command, symbol, interval, from, to] = positionals;
  const asked = { symbol, interval, from, to };
  switch (values.help ? 'help' : command) {
    case 'backfill':
      return runBackfill(asked, process.env);
    case 'verify':
      return runVerify(asked, { sample: Number(values.sample), repair: values.repair }, process.env);
    case 'export':
      return runExport(asked, values.format, process.env);
    case 'list':
      return runList(process.env);
    default:
      process.stderr.write(USAGE);
      return values.help ? 0 : 2;
  }
};

// What reads the output may have had enough of it.
process.stdout.on('error', () => process.exit(0));
try {
  process.exitCode = await main();
} catch (error) {
  const where = error instanceof AppError && 'path' in error ? `${error.path}: ` : '';
  process.stderr.write(`${where}${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
