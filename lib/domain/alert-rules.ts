import type { Alert, AlertSettings } from './alert.ts';
import type { AlertProblem } from './alert-fields.ts';
import type { AlertKey } from './alert-keys.ts';
import { isResting } from './order-type.ts';

/** The fields that could be read; the others are absent or already reported. */
export type Draft = { readonly [K in keyof Alert]?: Alert[K] | undefined };

const ORDER_SIZES = ['quantity', 'quoteQuantity', 'percent'] as const;
const TARGET_SIZES = ['targetQuantity', 'targetPercent'] as const;
const ALL_SIZES = [...ORDER_SIZES, ...TARGET_SIZES] as const;
type Size = (typeof ALL_SIZES)[number];

/**
 * What fields mean together.
 * @param given keys with a value, readable or not: an unreadable size is reported once, not as a missing one too
 */
export const checkTogether = (
  draft: Draft,
  given: ReadonlySet<AlertKey>,
  settings: AlertSettings,
): AlertProblem[] => [
  ...checkSizes(draft, given),
  ...checkTarget(draft, settings),
  ...checkType(draft, given),
];

const checkSizes = (draft: Draft, given: ReadonlySet<AlertKey>): AlertProblem[] => {
  const { action } = draft;
  switch (action) {
    case undefined:
      return [];
    case 'close':
    case 'cancel': {
      const why = action === 'close' ? 'it sells the whole position' : 'it cancels open orders';
      return ALL_SIZES.filter((size) => given.has(size)).map((path) => ({
        path,
        message: `${action} takes no size: ${why}`,
      }));
    }
    case 'target':
      return exactlyOne(action, TARGET_SIZES, ORDER_SIZES, given);
    case 'buy':
      return exactlyOne(action, ORDER_SIZES, TARGET_SIZES, given);
    case 'sell': {
      const problems = exactlyOne(action, ORDER_SIZES, TARGET_SIZES, given);
      if (draft.type !== 'market' || !given.has('quoteQuantity')) return problems;
      const message =
        'a market sell is sized by quantity or percent; quoteQuantity is for market buys and limit orders';
      return [...problems.filter(({ path }) => path !== 'quoteQuantity'), { path: 'quoteQuantity', message }];
    }
  }
};

const listed = (names: readonly string[]): string => `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;

const exactlyOne = (
  action: string,
  own: readonly Size[],
  foreign: readonly Size[],
  given: ReadonlySet<AlertKey>,
): AlertProblem[] => {
  const rule = `${action} takes exactly one of ${listed(own)}`;
  const chosen = own.filter((size) => given.has(size));
  const problems: AlertProblem[] = foreign
    .filter((size) => given.has(size))
    .map((path) => ({ path, message: rule }));
  const first = own[0];
  if (chosen.length === 0 && first !== undefined)
    problems.push({ path: first, message: `is missing: ${rule}` });
  if (chosen.length > 1)
    problems.push(...chosen.map((path) => ({ path, message: `is one of several: ${rule}` })));
  return problems;
};

/** With marketPosition flat the target is 0 whatever the quantity says. */
export const readsAsZero = (draft: Draft): boolean =>
  draft.action === 'target' && draft.targetQuantity?.startsWith('-') === true;

const checkTarget = (draft: Draft, settings: AlertSettings): AlertProblem[] => {
  if (!readsAsZero(draft) || settings.shortAs === 'flat' || draft.marketPosition === 'flat') return [];
  const message =
    'a negative target is a short position, which spot cannot hold (strategy setting shortAs: refuse)';
  return [{ path: 'targetQuantity', message }];
};

const checkType = (draft: Draft, given: ReadonlySet<AlertKey>): AlertProblem[] => {
  const { action, type } = draft;
  const problems: AlertProblem[] = [];
  if (action === 'close' || action === 'cancel') {
    const why = action === 'close' ? 'close always sells at market' : 'cancel sends no order';
    if (type !== undefined && type !== 'market')
      problems.push({ path: 'type', message: `${why}: leave type out` });
    for (const path of ['price', 'expireAfterSeconds'] as const) {
      if (given.has(path)) problems.push({ path, message: `${why}: leave ${path} out` });
    }
    return problems;
  }
  if (type === undefined) return problems;
  if (type === 'market' && given.has('price')) {
    const message =
      'a market order takes no price; a limit order says so in type, the price seen goes into signalPrice';
    problems.push({ path: 'price', message });
  }
  if (type !== 'market' && !given.has('price')) {
    problems.push({ path: 'price', message: `is missing: ${type} orders need a price` });
  }
  if (!isResting(type) && given.has('expireAfterSeconds')) {
    const message = `${type} orders never rest: only limit and limit_maker orders expire`;
    problems.push({ path: 'expireAfterSeconds', message });
  }
  return problems;
};
