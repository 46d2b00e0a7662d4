import * as z from 'zod';
import { strategyView } from './control-view.ts';
import type { Lane } from './lane.ts';
import { plain, sum } from './money.ts';
import { realisedOn } from './positions.ts';
import { SnapshotConfig, type StrategySettings, TradingConfig } from './settings.ts';
import type { Strategy } from './strategy.ts';
import { isFresh, type StreamState } from './stream-state.ts';

/** The part of the configuration that `read-state` is bundled with: limits are shown beside what is used of them. */
export const ReadConfig = z.strictObject({
  trading: TradingConfig,
  triggers: SnapshotConfig.shape.triggers,
});
export type ReadConfig = z.infer<typeof ReadConfig>;

/** Mode, limits and use of one strategy: amounts in the quote currency as decimal text. */
export const strategyOverview = (
  record: Strategy,
  lanes: readonly Lane[],
  settings: StrategySettings,
  day: string,
) => {
  const own = lanes.filter(({ strategy }) => strategy === record.strategy);
  const today = record.day === day;
  return {
    ...strategyView(record),
    limits: {
      maxOrderNotional: settings.maxOrderNotional,
      maxOrdersPerDay: settings.maxOrdersPerDay,
      maxNotionalPerDay: settings.maxNotionalPerDay,
      maxOpenOrders: settings.maxOpenOrders,
      maxPositionNotional: settings.maxPositionNotional,
      maxDailyLoss: settings.triggers.maxDailyLoss,
      staleAfterSeconds: settings.staleAfterSeconds,
    },
    symbols: settings.symbols,
    /** Of the UTC day; the record's own counters may be of an earlier one. */
    today: {
      orders: today ? record.dayOrders : 0,
      notional: today ? record.dayNotional : '0',
      rejected: today ? record.dayRejects : 0,
      realised: plain(sum(own.map((lane) => plain(realisedOn(lane, day))))),
    },
    realised: plain(sum(own.map(({ realised }) => realised))),
  };
};
export type StrategyOverview = ReturnType<typeof strategyOverview>;

/** What the stream task last said of itself. `undefined`: there never was one. */
export const streamOverview = (state: StreamState | undefined, now: number) =>
  state && {
    live: isFresh(state, now),
    at: new Date(state.at).toISOString(),
    ageSeconds: Math.max(0, Math.round((now - state.at) / 1_000)),
    prices: isFresh(state, now) ? state.prices : {},
  };
