import { type Command, InvalidArgumentError, Option } from 'commander';
import { OrderState } from '../../domain/order-record.ts';
import { OrderType } from '../../domain/order-type.ts';
import { type Exported, exportRange, type Format } from './export.ts';
import { showOrder, showOrders, showWhy } from './orders.ts';
import { sendTest } from './send.ts';
import type { Session } from './session.ts';
import { follow } from './tail.ts';

/** Runs what a command is for, with what it needs. */
export type Run = (work: (session: Session) => Promise<number>) => Promise<void>;

const MOST_ORDERS = 1_000_000;
/** Of a pause between two looks, seconds: the gateway lets 25 requests a second through, and a look takes two. */
const LEAST_PAUSE = 0.2;
const MOST_PAUSE = 3_600;

const whole =
  (least: number, most: number) =>
  (text: string): number => {
    if (/^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text);
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };

const pause = (text: string): number => {
  if (/^\d{1,4}(\.\d{1,3})?$/.test(text) && Number(text) >= LEAST_PAUSE && Number(text) <= MOST_PAUSE)
    return Number(text);
  throw new InvalidArgumentError(`It must be a number of seconds from ${LEAST_PAUSE} to ${MOST_PAUSE}.`);
};

/** `Example: …` behind a command's help. */
export const example = (...lines: readonly string[]): string =>
  `\n${lines.length === 1 ? 'Example' : 'Examples'}:\n${lines.map((line) => `  npm run mexc -- ${line}`).join('\n')}`;

interface OrdersOptions {
  readonly strategy?: string;
  readonly state?: string;
  readonly symbol?: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit: number;
}

interface ExportOptions {
  readonly from: string;
  readonly to?: string;
  readonly format?: Format;
}

interface SendOptions {
  readonly strategy: string;
  readonly symbol: string;
  readonly action: string;
  readonly type?: string;
  readonly quantity?: string;
  readonly quoteQuantity?: string;
  readonly percent?: string;
  readonly targetQuantity?: string;
  readonly targetPercent?: string;
  readonly price?: string;
  readonly signalPrice?: string;
  readonly marketPosition?: string;
  readonly id?: string;
  readonly comment?: string;
}

/** What reads orders, and what sends a test one. */
export const addOrderCommands = (program: Command, run: Run, interrupted: () => AbortSignal): void => {
  program.commandsGroup('Orders:');
  program
    .command('orders')
    .description('orders and refused alerts, the newest first')
    .option('--strategy <name>', 'of this strategy alone')
    .addOption(new Option('--state <state>', 'in this state alone').choices(OrderState.options))
    .option('--symbol <symbol>', 'of this symbol alone')
    .option('--from <time>', 'created at this time or later, e.g. 2026-11-22 or 2026-11-22T10:00:00Z')
    .option('--to <time>', 'created before this time')
    .option('--limit <n>', 'show so many at most', whole(1, MOST_ORDERS), 20)
    .addHelpText('after', example('orders --state refused --strategy ema-cross --limit 50'))
    .action((options: OrdersOptions) => {
      const { strategy, state, symbol, from, to, limit } = options;
      const asked = {
        limit,
        ...(strategy !== undefined && { strategy }),
        ...(state !== undefined && { state }),
        ...(symbol !== undefined && { symbol }),
        ...(from !== undefined && { from }),
        ...(to !== undefined && { to }),
      };
      return run((session) => showOrders(asked, session));
    });
  program
    .command('order')
    .description(
      "one order's life: the alert, checks, rounding, attempts, the exchange's answers, fills, slippage, durations",
    )
    .argument('<id>', "the order's id, as `orders` and the webhook's answer show it")
    .addHelpText('after', example('order mkz2o5l3vnq7x4jtw6y5c3be4da'))
    .action((id: string) => run((session) => showOrder(id, session)));
  program
    .command('why')
    .description('why an alert was carried out, refused, skipped …, in one paragraph')
    .argument('<alert-id>', "the alert's own id, or the order's")
    .option('--strategy <name>', 'the strategy that sent it; without it, those that hold or sent something')
    .addHelpText('after', example('why "long entry 2026-11-22T10:00:00Z" --strategy ema-cross'))
    .action((id: string, { strategy }: { readonly strategy?: string }) =>
      run((session) => showWhy(id, strategy, session)),
    );
  program
    .command('tail')
    .description('what happens to orders from now on, a line each, until Ctrl-C')
    .option('--every <seconds>', 'look so often', pause, 2)
    .addHelpText('after', example('tail --every 5'))
    .action(({ every }: { readonly every: number }) =>
      run((session) => follow(every * 1_000, session, interrupted())),
    );
  program
    .command('send')
    .description('a test alert: everything is checked, and the order goes to the test of the exchange')
    .requiredOption('--strategy <name>', 'in whose name; its token is MEXC_WEBHOOK_TOKEN, or asked for')
    .requiredOption('--symbol <symbol>', 'e.g. SOLUSDT')
    .addOption(
      new Option('--action <action>', 'what to do')
        .choices(['buy', 'sell', 'close', 'target', 'cancel'])
        .default('buy'),
    )
    .addOption(new Option('--type <type>', 'kind of order').choices(OrderType.options))
    .option('--quantity <base>', 'size in the base asset')
    .option('--quote-quantity <quote>', 'size in the quote asset')
    .option('--percent <percent>', 'size as a share of the free quote, or of the own position')
    .option('--target-quantity <base>', 'target in the base asset')
    .option('--target-percent <percent>', "target as a share of the strategy's capital")
    .option('--price <price>', 'limit')
    .option('--signal-price <price>', 'price that the signal saw')
    .addOption(new Option('--market-position <position>', 'held after it').choices(['long', 'flat', 'short']))
    .option('--id <id>', "the alert's id; a new one by default")
    .option('--comment <text>', 'kept with the order')
    .addHelpText('after', example('send --strategy ema-cross --symbol SOLUSDT --quote-quantity 20'))
    .action((options: SendOptions) => run((session) => sendTest({ ...options }, session)));
  program
    .command('export')
    .description(
      'every order or fill of a time range for the tax adviser, oldest first; formulas are defused',
    )
    .addArgument(program.createArgument('<what>', 'what to write').choices(['orders', 'fills']))
    .requiredOption('--from <time>', 'first moment: orders by their creation, fills by their execution (UTC)')
    .option('--to <time>', 'first moment after the range; now by default')
    .addOption(
      new Option('--format <format>', 'csv by default; --json means ndjson').choices(['csv', 'ndjson']),
    )
    .addHelpText(
      'after',
      example(
        'export fills --from 2026-01-01 --to 2027-01-01 > fills-2026.csv',
        'export orders --from 2026-01-01 --to 2027-01-01 --format ndjson > orders-2026.ndjson',
      ),
    )
    .action((what: Exported, { from, to, format }: ExportOptions) =>
      run((session) =>
        exportRange(
          {
            what,
            from,
            ...(to !== undefined && { to }),
            format: format ?? (session.json ? 'ndjson' : 'csv'),
          },
          session,
        ),
      ),
    );
};
