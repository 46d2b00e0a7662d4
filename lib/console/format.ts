/** Quote assets that symbols of the exchange end with; the longest match wins. */
const QUOTES = ['USDT', 'USDC', 'USDE', 'USD1', 'BTC', 'ETH', 'EUR', 'BRL', 'TRY'];

/** Base and quote asset by the spelling of a symbol; the whole as base when its end is not known. */
export const assetsOf = (symbol: string | undefined): readonly [base: string, quote: string] => {
  if (symbol === undefined) return ['', ''];
  const quote = QUOTES.find((each) => symbol.endsWith(each) && symbol.length > each.length) ?? '';
  return [symbol.slice(0, symbol.length - quote.length), quote];
};

const MOST_DECIMALS = 8;

/** A decimal text for reading: digits in groups, at most eight decimals, cut, not rounded. */
export const amount = (text: string | undefined, unit = ''): string => {
  if (text === undefined) return '–';
  const [, sign = '', whole = '0', decimals = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? ['', '', text];
  const grouped = /^\d+$/.test(whole) ? whole.replaceAll(/\B(?=(\d{3})+$)/g, '\u202f') : whole;
  const cut = decimals.slice(0, MOST_DECIMALS).replace(/0+$/, '');
  const number = `${sign === '-' ? '\u2212' : ''}${grouped}${cut === '' ? '' : `.${cut}`}`;
  return unit === '' ? number : `${number}\u00a0${unit}`;
};

/** A result: with its sign. */
export const signed = (text: string, unit = ''): string =>
  `${/^-|^0*(\.0*)?$/.test(text) ? '' : '+'}${amount(text, unit)}`;

/** Class of a result by its sign. */
export const tone = (text: string): string | undefined =>
  /^-/.test(text) ? 'loss' : /[1-9]/.test(text) ? 'gain' : undefined;

/** `2026-11-22 18:03:04.120 UTC`. @param time ISO 8601 UTC or epoch ms */
export const moment = (time: string | number, fine = false): string => {
  const iso = new Date(time).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, fine ? 23 : 19)}\u00a0UTC`;
};

/** `350 ms`, `1.2 s`, `3 min 20 s`, `2 h 5 min`, `3 d 2 h`. */
export const span = (ms: number): string => {
  if (ms < 1_000) return `${Math.round(ms)}\u00a0ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)}\u00a0s`;
  const parts = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1_000, 's'],
  ] as const;
  const first = parts.findIndex(([size]) => ms >= size);
  let rest = ms;
  return parts
    .slice(first, first + 2)
    .flatMap(([size, unit]) => {
      const count = Math.floor(rest / size);
      rest -= count * size;
      return count > 0 ? [`${count}\u00a0${unit}`] : [];
    })
    .join(' ');
};

/** For people, of a word such as `partially_filled`. */
export const words = (text: string): string => text.replaceAll('_', ' ');
