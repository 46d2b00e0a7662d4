import {
  AreaSeries,
  CandlestickSeries,
  type ChartOptions,
  ColorType,
  createChart,
  createSeriesMarkers,
  type DeepPartial,
  HistogramSeries,
  type IChartApi,
  type SeriesMarker,
  type Time,
  type UTCTimestamp,
} from 'lightweight-charts';
import type { Candles, FillRow } from './answers.ts';

/** A colour of the page's styles. */
const colour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const options = (): DeepPartial<ChartOptions> => ({
  autoSize: true,
  // The same for everybody: times are UTC, and the browser's own language may be no language tag at all.
  localization: { locale: 'en-GB', dateFormat: 'yyyy-MM-dd' },
  layout: {
    background: { type: ColorType.Solid, color: 'transparent' },
    textColor: colour('--text'),
    fontFamily: 'system-ui, sans-serif',
    // Named in the page's footer: the library's own logo would bring a style that the page's policy refuses.
    attributionLogo: false,
  },
  grid: { vertLines: { color: colour('--line') }, horzLines: { color: colour('--line') } },
  timeScale: { timeVisible: true, rightOffset: 6, borderColor: colour('--line') },
  rightPriceScale: { borderColor: colour('--line'), entireTextOnly: true },
});

/** The library takes seconds, UTC. */
const seconds = (ms: number): UTCTimestamp => Math.floor(ms / 1_000) as UTCTimestamp;

/** Follows light and dark; ends with `remove`. */
const followTheme = (chart: IChartApi, recolour: () => void): (() => void) => {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const change = (): void => {
    chart.applyOptions(options());
    recolour();
  };
  dark.addEventListener('change', change);
  return () => {
    dark.removeEventListener('change', change);
    chart.remove();
  };
};

export interface LineChart {
  show(points: readonly (readonly [at: number, value: number])[]): void;
  remove(): void;
}

/** One line over time. @param falling drawn from the top, as a loss is */
export const lineChart = (element: HTMLElement, { falling = false } = {}): LineChart => {
  const chart = createChart(element, { ...options(), handleScroll: false, handleScale: false });
  const colours = () => ({
    lineColor: colour(falling ? '--loss' : '--accent'),
    topColor: falling ? 'transparent' : colour('--accent-faint'),
    bottomColor: falling ? colour('--loss-faint') : 'transparent',
    invertFilledArea: falling,
  });
  const series = chart.addSeries(AreaSeries, { ...colours(), lineWidth: 2, priceLineVisible: false });
  const remove = followTheme(chart, () => series.applyOptions(colours()));
  return {
    show: (points) => {
      series.setData(points.map(([at, value]) => ({ time: seconds(at), value })));
      chart.timeScale().fitContent();
    },
    remove,
  };
};

export interface CandleChart {
  /** Everything known so far, ascending. The place that is looked at stays: the library counts it from the newest candle. @param slot length of a candle, ms */
  show(candles: Candles, slot: number, forming: Forming | undefined): void;
  /** What own trades are drawn as. */
  mark(fills: readonly FillRow[]): void;
  /** Calls back whenever the oldest candles come near. */
  onOld(ask: () => void): void;
  remove(): void;
}

/** The candle that has not closed yet, as far as it was seen. */
export interface Forming {
  readonly at: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/** Candles before the left edge at which older ones are asked for. */
const NEAR = 40;
const MOST_DECIMALS = 10;

export const HOLES: Readonly<Record<string, string>> = {
  'no-trades': '--hole-quiet',
  'not-listed': '--hole-unlisted',
  'fetch-failed': '--hole-failed',
};

export const candleChart = (element: HTMLElement): CandleChart => {
  const chart = createChart(element, options());
  const colours = () => {
    const [up, down] = [colour('--gain'), colour('--loss')];
    return { upColor: up, downColor: down, wickUpColor: up, wickDownColor: down, borderVisible: false };
  };
  const shade = chart.addSeries(HistogramSeries, {
    priceScaleId: 'holes',
    lastValueVisible: false,
    priceLineVisible: false,
  });
  chart.priceScale('holes').applyOptions({ scaleMargins: { top: 0, bottom: 0 }, visible: false });
  const series = chart.addSeries(CandlestickSeries, colours());
  const markers = createSeriesMarkers(series, []);
  let slotNow = 60_000;
  let shown: { candles: Candles; slot: number; forming: Forming | undefined } | undefined;
  let fillsNow: readonly FillRow[] = [];

  const drawHoles = ({ candles, slot }: { candles: Candles; slot: number }): void => {
    const bars = candles.holes.flatMap(({ from, to, label }) => {
      const color = colour(HOLES[label] ?? '--hole-failed');
      const [start, end] = [Date.parse(from), Date.parse(to)];
      const count = Math.min(2_000, Math.ceil((end - start) / slot));
      return Array.from({ length: count }, (_, n) => ({
        time: seconds(end - (count - n) * slot),
        value: 1,
        color,
      }));
    });
    shade.setData(bars);
  };
  const drawMarks = (): void => {
    const byPlace: SeriesMarker<Time>[] = fillsNow
      .map(({ time, side, price, quantity }): SeriesMarker<Time> => {
        const at = Math.floor(Date.parse(time) / slotNow) * slotNow;
        const buy = side === 'buy';
        return {
          time: seconds(at),
          position: buy ? 'atPriceBottom' : 'atPriceTop',
          price: Number(price),
          shape: buy ? 'arrowUp' : 'arrowDown',
          color: colour(buy ? '--accent' : '--sell'),
          text: `${side} ${quantity}`,
        };
      })
      .sort((a, b) => Number(a.time) - Number(b.time));
    markers.setMarkers(byPlace);
  };
  const drawAll = (): void => {
    if (!shown) return;
    const { candles, forming } = shown;
    const bars = candles.rows.map(([at, open, high, low, close]) => ({
      time: seconds(at),
      open: Number(open),
      high: Number(high),
      low: Number(low),
      close: Number(close),
    }));
    const last = candles.rows.at(-1)?.[0];
    if (forming && (last === undefined || forming.at > last))
      bars.push({ ...forming, time: seconds(forming.at) });
    const decimals = Math.min(
      MOST_DECIMALS,
      Math.max(0, ...candles.rows.slice(-200).map(([, , , , close]) => close.split('.')[1]?.length ?? 0)),
    );
    series.applyOptions({
      priceFormat: { type: 'price', precision: decimals, minMove: 1 / 10 ** decimals },
    });
    drawHoles(shown);
    series.setData(bars);
    drawMarks();
  };
  const remove = followTheme(chart, () => {
    series.applyOptions(colours());
    drawAll();
  });
  return {
    show: (candles, slot, forming) => {
      const first = !shown;
      shown = { candles, slot, forming };
      slotNow = slot;
      drawAll();
      if (first) chart.timeScale().scrollToRealTime();
    },
    mark: (fills) => {
      fillsNow = fills;
      drawMarks();
    },
    onOld: (ask) =>
      chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
        if (range && range.from < NEAR) ask();
      }),
    remove,
  };
};
