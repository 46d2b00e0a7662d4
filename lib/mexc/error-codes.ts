import type { ExchangeErrorClass } from '../domain/exchange-errors.ts';

/** Codes by class, reference section 10.2. */
const CODES: Readonly<Record<ExchangeErrorClass, readonly number[]>> = {
  T: [429, 510, 604, 801, 10073, 11444, 700003],
  F: [
    -1121, -1127, -1128, 26, 513, 600, 601, 10015, 10095, 10096, 10097, 10099, 10100, 10102, 10103, 20001,
    30002, 30003, 30010, 30014, 30021, 30025, 30026, 30029, 30032, 30087, 33333, 44444, 700004, 700005,
    700008, 700013,
  ],
  M: [10007, 30000, 30001, 30016, 30018, 30019, 30020, 30027, 30028, 30041, 70011],
  B: [10101, 30004, 30005],
  C: [
    400, 401, 402, 403, 406, 511, 602, 10001, 10072, 10098, 60005, 140001, 140002, 700001, 700002, 700006,
    700007,
  ],
  U: [500, 501, 503, 504, 20002],
  N: [-2011, -2013, 22222],
};

/** Ranges of codes of one class, both ends included. */
const RANGES: readonly (readonly [from: number, to: number, letter: ExchangeErrorClass])[] = [
  [701, 704, 'C'],
  [10200, 10268, 'F'],
  [730000, 730707, 'F'],
];

const CLASSES = ['T', 'F', 'M', 'B', 'C', 'U', 'N'] as const;

/** 30018 is about the market, unless its text is about the account (section 10.2). The text may be Chinese. */
const ABOUT_ACCOUNT = /account|user|账户|帳戶|账号|帳號|用户|用戶/iu;

/** Code 0 and 200 mean success, in envelopes too (section 10.2). */
export const isSuccessCode = (code: string): boolean => code === '0' || code === '200';

/** The exchange's clock and the signed timestamp disagree: measure, then sign anew (sections 5 and 10.2). */
export const isClockCode = (code: string): boolean => code === '700003' || code === '10073';

/** A feature or the whole system is in maintenance: nothing was executed, and it will take long (section 10.2). */
export const isMaintenanceCode = (code: string): boolean => ['604', '801', '11444'].includes(code);

/** Too many requests; refused before execution (sections 6 and 10.2). */
export const isRateCode = (code: string): boolean => code === '429' || code === '510';

/**
 * Class of one of the exchange's codes, `undefined` for a code that the reference does not know.
 * @param code as text, e.g. `-2013`
 * @param message the exchange's text, which decides for 30018
 */
export const classOfCode = (code: string, message: string): ExchangeErrorClass | undefined => {
  if (!/^-?\d{1,9}$/u.test(code)) return undefined;
  const number = Number(code);
  if (number === 30018 && ABOUT_ACCOUNT.test(message)) return 'C';
  const range = RANGES.find(([from, to]) => from <= number && number <= to);
  return range ? range[2] : CLASSES.find((letter) => CODES[letter].includes(number));
};

/**
 * Class by HTTP status alone, for answers without a known code (section 10.1). Everything that does not provably mean
 * "not executed" or "not authorised" is U.
 */
export const classOfStatus = (status: number): ExchangeErrorClass => {
  if (status === 429 || status === 418 || status === 510) return 'T';
  return status === 401 ? 'C' : 'U';
};
