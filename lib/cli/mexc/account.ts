import type * as z from 'zod';
import type { Session } from './session.ts';
import { BalancePage, ControlState, Health, Positions, Profit } from './shapes.ts';
import { listed, second, tableOf } from './table.ts';

type Snapshot = z.infer<typeof BalancePage>['balances'][number];

/** `status`: what an operator looks at first. Modes are shown when the admin token is known. @returns exit status */
export const showStatus = async ({ api, json, say, print, now }: Session): Promise<number> => {
  const today = new Date(now()).toISOString().slice(0, 10);
  const [health, { positions }, { balances }, { profit }, control] = await Promise.all([
    api.get('/health', Health),
    api.get('/positions', Positions),
    api.get('/balances', BalancePage),
    api.get('/profit', Profit, { by: 'strategy', from: today }),
    api.target.hasToken('admin') ? api.get('/control', ControlState, {}, 'admin') : undefined,
  ]);
  const account = balances.at(-1);
  const held = positions.filter(({ quantity }) => quantity !== '0');
  if (json) {
    print({ url: api.target.url, health, control, account, profit, positions: held });
    return 0;
  }
  const row = (name: string, text: string): void => say(`${name.padEnd(11)}${text}`);
  row('stack', `${api.target.url}${api.target.isLocal ? ' (runs here)' : ''}: ${health.status}`);
  for (const line of control ? modeLines(control) : ['unknown without the admin token']) row('mode', line);
  row('unsettled', `${health.unsettledOrders ?? '?'} orders`);
  row('account', account ? accountText(account) : 'no snapshot in the last day');
  if (profit.length === 0) row('today', 'nothing booked yet (UTC)');
  for (const { key, realised, trades } of profit)
    row('today', `${key}: ${realised} realised (quote), ${trades} trades`);
  if (held.length === 0) row('position', 'none');
  for (const { strategy, symbol, quantity, cost } of held)
    row('position', `${strategy}: ${quantity} ${symbol}, cost ${cost} (quote)`);
  return 0;
};

const modeLines = ({ default: forNew, strategies }: z.infer<typeof ControlState>): string[] => [
  ...strategies.map(
    ({ strategy, mode, reason, command }) =>
      `${strategy}: ${mode}${reason ? ` (${reason})` : ''}${command?.state === 'running' ? `, ${command.kind} is running` : ''}`,
  ),
  `strategies to come: ${forNew.mode}`,
];

const accountText = ({ total, quote, takenAt, unexplained, unpriced }: Snapshot): string =>
  [
    `${total} ${quote} at ${takenAt}`,
    unexplained.length === 0
      ? 'all of it explained'
      : `unexplained: ${listed(unexplained.map(({ amount, asset, id }) => `${amount} ${asset} (${id})`))}`,
    ...(unpriced.length === 0 ? [] : [`without a price: ${listed(unpriced)}`]),
  ].join('; ');

/** `positions`: what each strategy holds. @returns exit status */
export const showPositions = async ({ api, json, say, print }: Session): Promise<number> => {
  const answer = await api.get('/positions', Positions);
  if (json) print(answer);
  else if (answer.positions.length === 0) say('No strategy has ever held anything.');
  else
    for (const line of tableOf(answer.positions, [
      ['strategy', ({ strategy }) => strategy],
      ['symbol', ({ symbol }) => symbol],
      ['quantity (base)', ({ quantity }) => quantity],
      ['cost (quote)', ({ cost }) => cost],
      ['average', ({ averagePrice }) => averagePrice],
      ['realised (quote)', ({ realised }) => realised],
      ['open orders', ({ openOrders }) => openOrders.length],
      ['waiting', ({ waiting }) => waiting.length],
    ]))
      say(line);
  return 0;
};

export interface Range {
  readonly from?: string;
  readonly to?: string;
}

/** `balances`: the newest snapshot by asset, or a line for each of a range. @returns exit status */
export const showBalances = async (range: Range, { api, json, say, print }: Session): Promise<number> => {
  const balances: Snapshot[] = [];
  let cursor: string | undefined;
  do {
    const page = await api.get('/balances', BalancePage, { ...range, cursor });
    balances.push(...page.balances);
    cursor = page.next;
  } while (cursor !== undefined);
  const isRange = range.from !== undefined || range.to !== undefined;
  const newest = balances.at(-1);
  if (json) print({ balances: isRange || !newest ? balances : [newest] });
  else if (!newest) say(`There is no snapshot ${isRange ? 'in this range' : 'of the last day'}.`);
  else for (const line of isRange ? seriesLines(balances) : snapshotLines(newest)) say(line);
  return 0;
};

const seriesLines = (balances: readonly Snapshot[]): string[] =>
  tableOf(balances, [
    ['at (UTC)', ({ takenAt }) => second(takenAt)],
    ['total', ({ total, quote }) => `${total} ${quote}`],
    ['drawdown (%)', ({ drawdownPercent }) => drawdownPercent],
    [
      'unexplained',
      ({ unexplained }) => unexplained.map(({ amount, asset }) => `${amount} ${asset}`).join(', '),
    ],
  ]);

const snapshotLines = (snapshot: Snapshot): string[] => [
  ...tableOf(Object.entries(snapshot.assets), [
    ['asset', ([asset]) => asset],
    ['free', ([, { free }]) => free],
    ['locked', ([, { locked }]) => locked],
    [`price (${snapshot.quote})`, ([, { price }]) => price],
    [`value (${snapshot.quote})`, ([, { value }]) => value],
  ]),
  accountText(snapshot),
];

export interface ProfitAsked extends Range {
  readonly by: string;
}

/** `profit`: sums by day, strategy or symbol. @returns exit status */
export const showProfit = async (asked: ProfitAsked, { api, json, say, print }: Session): Promise<number> => {
  const answer = await api.get('/profit', Profit, { ...asked });
  if (json) print(answer);
  else if (answer.profit.length === 0) say('Nothing was traded in this range.');
  else
    for (const line of tableOf(answer.profit, [
      [answer.by === 'day' ? 'day (UTC)' : answer.by, ({ key }) => key],
      ['realised (quote)', ({ realised }) => realised],
      ['commissions (quote)', ({ feesValue }) => feesValue],
      ['volume (quote)', ({ volume }) => volume],
      ['trades', ({ trades }) => trades],
    ]))
      say(line);
  return 0;
};
