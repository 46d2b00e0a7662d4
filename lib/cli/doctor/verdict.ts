import { ExchangeError } from '../../domain/exchange-errors.ts';

/** Every verdict there is; each says one thing, so that nobody has to guess which of two it was. */
export type VerdictName =
  | 'round_trip'
  | 'clock'
  | 'unreachable'
  | 'region'
  | 'rate_limited'
  | 'maintenance'
  | 'key'
  | 'key_missing'
  | 'key_unknown'
  | 'key_expired'
  | 'key_expiring'
  | 'key_not_valid'
  | 'signature'
  | 'address'
  | 'right_missing'
  | 'right_too_many'
  | 'withdraw_right'
  | 'account'
  | 'symbol'
  | 'symbol_unknown'
  | 'symbol_paused'
  | 'symbol_closed'
  | 'symbol_one_sided'
  | 'market_closed'
  | 'order'
  | 'below_minimum'
  | 'against_rules'
  | 'balance'
  | 'balance_too_small'
  | 'stack'
  | 'refused';

/** `warn` is for the owner to know; `wrong` keeps an order from being placed; `unreachable` says nothing about the rest. */
type Level = 'ok' | 'warn' | 'wrong' | 'unreachable';

export interface Verdict {
  readonly verdict: VerdictName;
  readonly level: Level;
  /** What it is about: a key, a symbol, an address. */
  readonly about?: string;
  readonly message: string;
  /** What to do about it. */
  readonly advice?: string;
  /** Numbers for programs. */
  readonly data?: Readonly<Record<string, unknown>>;
}

type Said = Pick<Verdict, 'verdict' | 'level' | 'message' | 'advice'>;

const wrong = (verdict: VerdictName, message: string, advice: string): Said => ({
  verdict,
  level: 'wrong',
  message,
  advice,
});

const SIGNATURE = wrong(
  'signature',
  'The exchange does not accept the signature: the secret key does not belong to the access key, or the key has expired.',
  'Set both parts again (npm run keys -- set); mind blanks and missing characters.',
);
const ADDRESS = wrong(
  'address',
  'The key may not be used from this address.',
  'Add the address to the key on mexc.com (API management), or run this where the stack runs.',
);
const UNKNOWN_KEY = wrong(
  'key_unknown',
  'The exchange does not know this access key.',
  'It was deleted, or has a typing error: set it again (npm run keys -- set).',
);
const RIGHT = wrong(
  'right_missing',
  'The key lacks a right.',
  'A trading key needs account read, deal read and deal write; a reading key the first two. Rights are set on mexc.com.',
);
const CLOCK = wrong(
  'clock',
  "The exchange refuses the time of our requests: its clock and this machine's differ, or change.",
  'Switch time synchronisation on (NTP).',
);
const CLOSED = wrong(
  'symbol_closed',
  'The symbol is not open to orders over the API for this key.',
  "MEXC closes some pairs (usually BTCUSDT and ETHUSDT); others are chosen in the key's settings under Trading Pairs.",
);
const PAUSED = wrong(
  'symbol_paused',
  'Trading of the symbol is paused or ended.',
  'Wait, or trade another symbol.',
);
const ONE_SIDED = wrong(
  'symbol_one_sided',
  'The exchange takes no order of this side on the symbol now.',
  'Wait.',
);
const NO_MARKET = wrong(
  'market_closed',
  'Market orders on the symbol are closed over the API.',
  'Send limit orders, or set marketAsIoc for the strategy.',
);
const ACCOUNT = wrong(
  'account',
  'The exchange takes no orders of this account for now.',
  'See what mexc.com says about the account.',
);
const BALANCE = wrong(
  'balance_too_small',
  'The balance is too small for the order.',
  'Deposit, or order less.',
);
const MAINTENANCE = wrong('maintenance', 'The exchange is in maintenance.', 'Try again later.');

/** Codes of reference section 10.2 that have a verdict of their own. */
const BY_CODE: Readonly<Record<string, Said>> = {
  700002: SIGNATURE,
  602: SIGNATURE,
  700006: ADDRESS,
  406: ADDRESS,
  10072: UNKNOWN_KEY,
  700001: UNKNOWN_KEY,
  400: UNKNOWN_KEY,
  402: wrong(
    'key_expired',
    'The key has expired.',
    'Make a new one; a key bound to an address does not expire.',
  ),
  700007: RIGHT,
  401: RIGHT,
  511: RIGHT,
  701: RIGHT,
  702: RIGHT,
  703: RIGHT,
  704: RIGHT,
  700003: CLOCK,
  10073: CLOCK,
  604: MAINTENANCE,
  801: MAINTENANCE,
  11444: MAINTENANCE,
  10007: CLOSED,
  70011: CLOSED,
  30020: CLOSED,
  30000: PAUSED,
  30016: PAUSED,
  30001: ONE_SIDED,
  30027: ONE_SIDED,
  30028: ONE_SIDED,
  30018: NO_MARKET,
  30019: NO_MARKET,
  30004: BALANCE,
  30005: BALANCE,
  10101: BALANCE,
  10098: ACCOUNT,
  60005: ACCOUNT,
  30014: wrong(
    'symbol_unknown',
    'The exchange does not know the symbol.',
    'Mind the spelling, e.g. SOLUSDT.',
  ),
  30021: wrong(
    'symbol_unknown',
    'The exchange does not know the symbol.',
    'Mind the spelling, e.g. SOLUSDT.',
  ),
  30002: wrong('below_minimum', 'The order is below the minimum.', 'Order more.'),
};

const REGION = wrong(
  'region',
  'Something in front of the exchange turned the request away (403): usually the country or the network of this address.',
  'Run the stack in a region that MEXC serves (Tokyo is the recommended one). Wait a minute before trying again.',
);

/**
 * What a refusal means. The exchange's own words are kept: they are redacted already where the answer was read.
 * @param refusal class C of 30018 is about the account, not about the market
 */
export const refusalOf = (
  refusal: {
    readonly code: string;
    readonly message: string;
    readonly class?: string;
    readonly status?: number;
  },
  about: string,
): Verdict => {
  const { code, message, status } = refusal;
  const said = `It said: ${message.replace(/[.\s]+$/, '')} (${code}).`;
  const known = Object.hasOwn(BY_CODE, code) ? BY_CODE[code] : undefined;
  if (code === '30018' && refusal.class === 'C')
    return { ...ACCOUNT, about, message: `${ACCOUNT.message} ${said}`, data: { code } };
  if (known) return { ...known, about, message: `${known.message} ${said}`, data: { code } };
  if (status === 403 || status === 451 || code === '403' || code === 'http_403' || code === 'http_451')
    return { ...REGION, about, data: { code, status } };
  if (['418', '429', '510'].includes(code) || status === 418 || status === 429 || code === 'paused')
    return {
      ...wrong(
        'rate_limited',
        'The exchange asks for silence: too many requests from here.',
        'Wait ten minutes.',
      ),
      about,
      data: { code },
    };
  if (status === undefined && /^[a-z_]+$/.test(code))
    return {
      verdict: 'unreachable',
      level: 'unreachable',
      about,
      message: `The exchange did not answer: ${message}`,
      advice: 'See whether this machine reaches it at all, and status.mexc.com.',
      data: { code },
    };
  return {
    ...wrong('refused', `The exchange refuses. ${said}`, "See the exchange's list of error codes."),
    about,
    data: { code },
  };
};

/** The verdict of a call that failed. @throws whatever is no answer of the exchange's */
export const verdictOf = (error: unknown, about: string): Verdict => {
  if (!(error instanceof ExchangeError)) throw error;
  const { code, message, status } = error;
  return refusalOf({ code, message, class: error.class, ...(status !== undefined && { status }) }, about);
};
