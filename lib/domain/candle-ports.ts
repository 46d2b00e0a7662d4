import type { SeriesRecord } from './candle-series.ts';
import type { CandleWindow, Series } from './candle-window.ts';
import type { CallOptions, MarketData } from './ports.ts';

/** What lies at a window's key: the window, or why it cannot be one. */
export type StoredWindow =
  | { readonly kind: 'window'; readonly window: CandleWindow; readonly hash: string }
  | {
      readonly kind: 'broken';
      /** Start of the window, as it stands in the key. */
      readonly name: string;
      readonly problem: string;
      /** What must still lie there for a repair to be written over it. */
      readonly seen: BrokenItem;
    };

/** Names exactly one broken item: only that one is ever overwritten. */
export type BrokenItem = Readonly<Record<string, unknown>>;

/** What lies at a series' key. */
export type StoredSeries =
  | { readonly kind: 'series'; readonly record: SeriesRecord }
  | { readonly kind: 'broken'; readonly series: Series; readonly problem: string };

/** Candles of closed slots, window by window. Reads by `windows` are strongly consistent. */
export interface CandleStore {
  /**
   * Windows by number, those that are stored.
   * @throws AppError `corrupt_item` when one of them is broken
   */
  windows(
    series: Series,
    numbers: readonly number[],
    options: CallOptions,
  ): Promise<ReadonlyMap<number, CandleWindow>>;
  /** What is stored from window `first` to `last`, ascending, page by page, by queries. It may lag a little. */
  range(series: Series, first: number, last: number, options: CallOptions): AsyncIterable<StoredWindow>;
  /**
   * Writes a window over the version before it. @returns `undefined` when it is written, else the window that lies there now
   * (an empty one of version 0 when there is none)
   */
  save(window: CandleWindow, options: CallOptions): Promise<CandleWindow | undefined>;
  /** Writes a window in place of a broken item. @returns false when that no longer lies there */
  replace(window: CandleWindow, broken: BrokenItem, options: CallOptions): Promise<boolean>;
  /** Every series that was ever asked for. */
  allSeries(options: CallOptions): Promise<readonly StoredSeries[]>;
  series(series: Series, options: CallOptions): Promise<SeriesRecord | undefined>;
  /**
   * Writes a record over the version before it, or over whatever lies there in place of a broken one.
   * @returns false when another lies there
   */
  saveSeries(
    record: SeriesRecord,
    options: CallOptions & { readonly overBroken?: boolean },
  ): Promise<boolean>;
}

/** Why a symbol has no candles any more. */
export interface Offline {
  readonly state: 'suspended' | 'delisted';
  /** Exchange time, epoch ms. */
  readonly since?: number;
}

/** Where candles come from. */
export interface CandleSource {
  readonly candles: MarketData['candles'];
  /** Earliest exchange time that it can be now, epoch ms; measured by this very process. */
  time(options: CallOptions): Promise<number>;
  /** Symbols that the exchange has taken off. Errors as of every read. */
  offline(options: CallOptions): Promise<ReadonlyMap<string, Offline>>;
}
