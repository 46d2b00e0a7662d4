import { Option } from 'commander';
import { AppError } from '../domain/errors.ts';
import { createExchangeClock } from '../domain/exchange-time.ts';
import { decimal } from '../domain/money.ts';
import { createAccountInfo } from '../mexc/account-info.ts';
import { createExchange } from '../mexc/client.ts';
import { createMarketData } from '../mexc/market-data.ts';
import { type MexcSession, openSession } from '../mexc/session.ts';
import { systemClock } from '../runtime/clock.ts';
import type { ApiKey } from '../runtime/secrets.ts';
import { checkBalance } from './doctor/balance.ts';
import { checkKey, type KeyKind } from './doctor/key.ts';
import { type AskedOrder, checkOrder } from './doctor/order.ts';
import { checkReach } from './doctor/reach.ts';
import { checkStack } from './doctor/stack.ts';
import { type Asked, configuredSymbols, findSurroundings, type Surroundings } from './doctor/surroundings.ts';
import { checkSymbol } from './doctor/symbol.ts';
import { type Verdict, verdictOf } from './doctor/verdict.ts';
import { type Command, EXIT, type Io, runAsProcess } from './io.ts';
import { EXIT_CODES, runProgram, UsageError } from './program.ts';

const PATIENCE = 20_000;
const AMOUNT = /^\d{1,20}(\.\d{1,18})?$/;

interface Options extends Asked {
  readonly url?: string;
  readonly symbol?: readonly string[];
  readonly side: AskedOrder['side'];
  readonly type: AskedOrder['type'];
  readonly quantity?: string;
  readonly quote?: string;
  readonly price?: string;
  readonly json?: true;
}

/** `npm run doctor`: says of each thing that can keep orders from being placed whether it does. Nothing is ever placed. */
export const doctor: Command = (args, io) =>
  runProgram('doctor', args, io, (program, end) => {
    program
      .description('Tells what keeps orders from being placed. Orders are only tested, never placed.')
      .option(
        '--exchange <url>',
        "the exchange's REST API (default: MEXC_REST_URL, the local run's, or MEXC)",
      )
      .option('--url <url>', 'a deployed stack: its API, of which /health is asked too')
      .option('--stack <name>', "a deployed stack: take the keys from its secrets (AWS's own settings apply)")
      .option('--endpoint <url>', 'Secrets Manager of a local run: take the keys from there')
      .option('--symbol <symbols...>', 'symbols to look at (default: those of the configuration)')
      .addOption(new Option('--side <side>', 'of the order to try').choices(['buy', 'sell']).default('buy'))
      .addOption(
        new Option('--type <type>', 'of the order to try')
          .choices(['market', 'limit', 'limit_maker', 'ioc', 'fok'])
          .default('market'),
      )
      .option('--quantity <amount>', 'its size in base (default: the least that is allowed)')
      .option('--quote <amount>', 'its size in quote')
      .option('--price <amount>', 'its limit price (default: the last price)')
      .option('--json', 'the verdicts as JSON')
      .addHelpText(
        'after',
        `
Keys come from MEXC_TRADE_ACCESS_KEY, MEXC_TRADE_SECRET_KEY, MEXC_READ_… if set, else from the local run or the stack.
${EXIT_CODES}

Examples:
  npm run doctor
  npm run doctor -- --symbol SOLUSDT --quote 0.5
  npm run doctor -- --stack mexc-serverless --url https://abc.execute-api.ap-northeast-1.amazonaws.com`,
      )
      .action(async (options: Options) => end(await examine(options, io)));
  });

const examine = async (options: Options, io: Io): Promise<number> => {
  const asked = orderOf(options);
  const { url } = options;
  if (url !== undefined && !URL.canParse(url)) throw new UsageError('--url must be an address.');
  const surroundings = await findSurroundings(options, io);
  const symbols = options.symbol ?? configuredSymbols(io);
  const verdicts = [
    ...(url === undefined ? [] : [await checkStack(url)]),
    ...(await examineExchange(surroundings, symbols, asked)),
  ];
  // Nothing of a key is in any verdict; should that ever change, it is not shown all the same.
  const secrets = Object.values(surroundings.keys).flatMap(({ accessKey, secretKey }) => [
    accessKey,
    secretKey,
  ]);
  const hidden = (text: string) => secrets.reduce((all, secret) => all.replaceAll(secret, '[hidden]'), text);
  const status = statusOf(verdicts);
  const { exchange, origin } = surroundings;
  if (options.json)
    io.out(hidden(JSON.stringify({ exchange, keysFrom: origin, exitCode: status, verdicts }, null, 1)));
  else {
    io.out(`exchange ${exchange}, keys from ${origin}`);
    for (const verdict of verdicts) for (const line of linesOf(verdict)) io.out(hidden(line));
    io.out(summaryOf(verdicts));
  }
  return status;
};

/** @throws UsageError */
const orderOf = ({ side, type, quantity, quote, price }: Options): AskedOrder => {
  for (const [name, text] of Object.entries({ quantity, quote, price })) {
    if (text !== undefined && (!AMOUNT.test(text) || decimal(text).eq('0')))
      throw new UsageError(`--${name} must be an amount above 0, e.g. 1.5.`);
  }
  if (quantity !== undefined && quote !== undefined)
    throw new UsageError('--quantity and --quote exclude each other.');
  if (price !== undefined && type === 'market')
    throw new UsageError('A market order has no price: --type limit.');
  if (quote !== undefined && side === 'sell' && type === 'market')
    throw new UsageError('A market sell is sized by --quantity.');
  return {
    side,
    type,
    ...(quantity !== undefined && { quantity }),
    ...(quote !== undefined && { quoteQuantity: quote }),
    ...(price !== undefined && { price }),
  };
};

/** A fault in front makes whatever is behind it meaningless: then nothing more is asked. */
const STOPS = new Set<Verdict['verdict']>(['region', 'unreachable', 'rate_limited', 'maintenance']);

const examineExchange = async (
  { exchange, keys }: Surroundings,
  symbols: readonly string[],
  asked: AskedOrder,
): Promise<Verdict[]> => {
  await using sessions = new AsyncDisposableStack();
  const open = (key: ApiKey | undefined): MexcSession =>
    sessions.adopt(
      openSession({
        baseUrl: exchange,
        credentials: () =>
          key
            ? Promise.resolve(key)
            : Promise.reject(new AppError('no_key', 'There is no key to sign with.')),
        clock: systemClock,
        exchangeClock: createExchangeClock(systemClock.now),
      }),
      (session) => session.close(),
    );
  const trade = open(keys.trade);
  const verdicts = await checkReach(trade);
  const isOver = () => verdicts.some(({ verdict }) => STOPS.has(verdict));
  const works: Partial<Record<KeyKind, MexcSession>> = {};
  for (const kind of ['trade', 'read'] as const) {
    if (isOver()) return verdicts;
    const key = keys[kind];
    if (!key) {
      verdicts.push(missingKey(kind));
      continue;
    }
    const session = kind === 'trade' ? trade : open(key);
    const judged = await checkKey(kind, createAccountInfo(session), {
      deadline: systemClock.now() + PATIENCE,
    });
    verdicts.push(...judged);
    if (judged.some(({ verdict }) => verdict === 'key')) works[kind] = session;
  }
  const session = works.trade ?? works.read;
  if (!session || isOver()) return verdicts;
  const mayOrder =
    works.trade !== undefined &&
    !verdicts.some(({ verdict, about }) => verdict === 'right_missing' && about === 'trade key');
  try {
    verdicts.push(...(await examineSymbols(session, symbols, asked, mayOrder)));
  } catch (error) {
    verdicts.push(verdictOf(error, 'the symbols'));
  }
  return verdicts;
};

const missingKey = (kind: KeyKind): Verdict => ({
  verdict: 'key_missing',
  level: kind === 'trade' ? 'wrong' : 'warn',
  about: `${kind} key`,
  message: 'There is no key to ask with.',
  advice: 'Set it (npm run keys -- set), or take that of a stack: --stack <name>.',
});

const examineSymbols = async (
  session: MexcSession,
  symbols: readonly string[],
  asked: AskedOrder,
  mayOrder: boolean,
): Promise<Verdict[]> => {
  const exchange = createExchange(session);
  const options = { deadline: systemClock.now() + PATIENCE, priority: 'entry' } as const;
  const all = new Map((await exchange.symbolRules(symbols, options)).map((rules) => [rules.symbol, rules]));
  const verdicts = symbols.flatMap((symbol) => checkSymbol(symbol, asked.side, all.get(symbol)));
  const closed = new Set(
    verdicts.filter(({ verdict }) => verdict !== 'market_closed').map(({ about }) => about),
  );
  const open = symbols.flatMap((symbol) => all.get(symbol) ?? []).filter(({ symbol }) => !closed.has(symbol));
  if (!mayOrder || open.length === 0) return verdicts;
  const prices = await createMarketData(session).prices(options);
  const balances = await exchange.balances(options);
  for (const rules of open) {
    const last = decimal(prices.get(rules.symbol) ?? (await exchange.lastPrice(rules.symbol, options)));
    const order = await checkOrder(asked, rules, last, { exchange, clock: systemClock });
    verdicts.push(...order.verdicts);
    const told = order.verdicts.some(({ verdict }) => verdict === 'balance_too_small');
    if (order.needs && !told) verdicts.push(checkBalance(rules.symbol, order.needs, balances));
  }
  return verdicts;
};

const statusOf = (verdicts: readonly Verdict[]): number => {
  if (verdicts.some(({ level }) => level === 'unreachable')) return EXIT.unreachable;
  return verdicts.some(({ level }) => level === 'wrong') ? EXIT.wrong : EXIT.fine;
};

const LABELS = { ok: 'ok   ', warn: 'warn ', wrong: 'WRONG', unreachable: 'WRONG' } as const;

const linesOf = ({ verdict, level, about, message, advice }: Verdict): string[] => [
  `${LABELS[level]}  ${verdict.replaceAll('_', ' ')}${about === undefined ? '' : ` (${about})`}: ${message}`,
  ...(advice === undefined ? [] : [`         ${advice}`]),
];

const summaryOf = (verdicts: readonly Verdict[]): string => {
  const count = (...levels: Verdict['level'][]) =>
    verdicts.filter(({ level }) => levels.includes(level)).length;
  const [bad, warned] = [count('wrong', 'unreachable'), count('warn')];
  if (bad === 0 && warned === 0) return 'Nothing is wrong.';
  return `${bad} wrong, ${warned} to know.`;
};

if (import.meta.main) await runAsProcess(doctor);
