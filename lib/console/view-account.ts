import type { ProfitRow, Snapshot } from './answers.ts';
import { get } from './api.ts';
import { type Child, h } from './dom.ts';
import { amount, moment, signed, tone } from './format.ts';
import { type Context, empty, loading, panel, table, tile, type View } from './view.ts';

const EVERY = 15_000;
/** One snapshot a day at least lies within it. */
const LOOK_BACK = 25 * 3_600_000;

/** What the account holds, and whether all of it is explained. */
export const accountView = (context: Context): View => {
  let newest: Snapshot | 'none' | undefined;
  let profit: readonly ProfitRow[] | undefined;
  context.poll(EVERY, async () => {
    let page = await get<Page>('balances', { from: isoBefore(LOOK_BACK / 25), limit: 100 });
    if (page.balances.length === 0)
      page = await get<Page>('balances', { from: isoBefore(LOOK_BACK), limit: 1_500 });
    newest = page.balances.at(-1) ?? 'none';
  });
  context.poll(EVERY * 4, async () => {
    ({ profit } = await get<{ profit: readonly ProfitRow[] }>('profit', { by: 'day' }));
  });
  return {
    title: 'Account',
    draw: () => {
      if (newest === undefined) return [loading('the newest snapshot')];
      if (newest === 'none')
        return [
          empty('There is no snapshot of the last day: snapshot-balances takes one every few minutes.'),
          results(profit, ''),
        ];
      return [
        h(
          'div',
          { class: 'tiles', key: 'tiles' },
          tile(
            'Worth',
            amount(newest.total, newest.quote),
            h('p', { class: 'hint' }, `Taken ${moment(newest.takenAt)}`),
          ),
          tile(
            'Drawdown',
            `${amount(newest.drawdownPercent)} %`,
            h('p', { class: 'hint' }, 'Below the highest worth so far.'),
          ),
          tile(
            'Key age',
            'not known here',
            h('p', { class: 'hint' }, 'The exchange tells only who has the key: '),
            h('p', {}, h('code', {}, 'npm run mexc -- keys')),
          ),
        ),
        remainders(newest),
        assets(newest),
        results(profit, newest.quote),
      ];
    },
  };
};

interface Page {
  readonly balances: readonly Snapshot[];
}

const isoBefore = (ms: number): string => new Date(Date.now() - ms).toISOString();

const remainders = ({ unexplained }: Snapshot): Child =>
  panel(
    'Not explained',
    unexplained.length === 0
      ? empty('Nothing: every change of every asset is explained by trades, commissions and known transfers.')
      : table(
          'Changes that no trade of ours explains',
          ['Asset', 'Amount', 'Between', 'And', 'State'],
          unexplained.map(({ id, asset, amount: much, from, to, state }) => ({
            key: id,
            cells: [
              asset,
              h('span', { class: tone(much) }, signed(much, asset)),
              moment(from),
              moment(to),
              state,
            ],
          })),
        ),
  );

const assets = ({ assets: all, quote, unpriced }: Snapshot): Child =>
  panel(
    'Balances',
    table(
      'Assets of the account, by worth',
      ['Asset', 'Free', 'Locked', 'Price', 'Worth'],
      Object.entries(all)
        .sort(([, a], [, b]) => Number(b.value ?? 0) - Number(a.value ?? 0))
        .map(([asset, { free, locked, price, value }]) => ({
          key: asset,
          cells: [
            asset,
            amount(free, asset),
            amount(locked, asset),
            amount(price, quote),
            amount(value, quote),
          ],
        })),
    ),
    unpriced.length === 0
      ? false
      : h(
          'p',
          { class: 'hint', key: 'unpriced' },
          `Without a price, so not in the worth: ${unpriced.join(', ')}.`,
        ),
  );

const results = (profit: readonly ProfitRow[] | undefined, quote: string): Child =>
  panel(
    'Results of the last 30 days',
    profit === undefined
      ? loading('the results')
      : profit.length === 0
        ? empty('Nothing was traded, or no snapshot has accounted for it yet.')
        : table(
            'Results by UTC day, newest first',
            ['Day', 'Realised', 'Commissions', 'Volume', 'Trades'],
            [...profit].reverse().map(({ key, realised, feesValue, volume, trades }) => ({
              key,
              cells: [
                key,
                h('span', { class: tone(realised) }, signed(realised, quote)),
                amount(feesValue, quote),
                amount(volume, quote),
                String(trades),
              ],
            })),
          ),
  );
