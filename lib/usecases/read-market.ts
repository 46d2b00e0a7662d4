import type { Market } from '../domain/admission.ts';
import type { Alert } from '../domain/alert.ts';
import { StoreUnavailableError } from '../domain/errors.ts';
import type { SymbolRules } from '../domain/exchange.ts';
import { ExchangeError } from '../domain/exchange-errors.ts';
import { surer, type TimeEstimate, uncertaintyAt } from '../domain/exchange-time.ts';
import { needsOf, wantedBy } from '../domain/intent.ts';
import { decimal } from '../domain/money.ts';
import type { CallOptions, ControlView, LedgerView } from '../domain/ports.ts';
import { streamedBalances, streamedPrice } from '../domain/stream-state.ts';
import { RECV_WINDOW } from '../domain/timing.ts';
import { allOf } from './all-of.ts';
import type { Trading } from './trading.ts';

/** Above this uncertainty the clock is measured before anything is signed (order protocol, section 5.2). */
const MAX_UNCERTAINTY = RECV_WINDOW / 4;

const NOT_NEEDED = Promise.resolve(undefined);

const needsFor = (alert: Alert, { settingsOf }: Trading) =>
  needsOf(alert, wantedBy(alert, settingsOf(alert.strategy).shortAs));

/** Whether sizing needs anything of the exchange. */
export const needsMarket = (alert: Alert, trading: Trading): boolean => {
  const { price, balances } = needsFor(alert, trading);
  return price || balances;
};

/**
 * What sizing needs of the exchange, and no more: where a stream is at work and has told it just now, nothing is asked. Never
 * throws: what could not be read is said.
 */
export const readMarket = async (
  alert: Alert,
  { control, rules }: Pick<LedgerView, 'control' | 'rules'>,
  trading: Trading,
  options: CallOptions,
): Promise<Market> => {
  const { exchange, clock } = trading;
  const needs = needsFor(alert, trading);
  const { stream, lastTicket } = control;
  const now = clock.now();
  const assets = rules ? [rules.baseAsset, rules.quoteAsset] : [];
  const price = needs.price ? streamedPrice(stream, alert.symbol, now) : undefined;
  const held = needs.balances && rules ? streamedBalances(stream, assets, lastTicket, now) : undefined;
  try {
    const [asked, listed] = await allOf([
      needs.price && price === undefined ? exchange.lastPrice(alert.symbol, options) : NOT_NEEDED,
      needs.balances && !held ? exchange.balances(options) : NOT_NEEDED,
    ]);
    const last = price ?? asked;
    const balances = held ?? listed;
    if (last !== undefined && !decimal(last).gt('0')) return { failed: 'there is no last price' };
    return { ...(last !== undefined && { last }), ...(balances && { balances }) };
  } catch (error) {
    if (!(error instanceof ExchangeError)) throw error;
    return { failed: error.message };
  }
};

/** The surer of what this process and `Control` know; measured now when neither is good enough. */
export const usableTime = async (
  control: ControlView,
  trading: Trading,
  options: CallOptions,
): Promise<TimeEstimate | undefined> => {
  const { clock, exchangeClock, exchange, log } = trading;
  const known = surer(exchangeClock.estimate(), control.time, clock.now());
  if (known && uncertaintyAt(known, clock.now()) <= MAX_UNCERTAINTY) {
    exchangeClock.adopt(known); // what is good enough for the order is good enough for the reads after it
    return known;
  }
  try {
    const measured = await exchange.measureTime(options);
    return uncertaintyAt(measured, clock.now()) <= MAX_UNCERTAINTY ? measured : undefined;
  } catch (error) {
    log.warn('the exchange time could not be measured', { error: String(error) });
    return undefined;
  }
};

/** Rules of a symbol that the ledger has not met yet, straight from the exchange, and stored for the next time. */
export const fetchRules = async (
  symbol: string,
  trading: Trading,
  options: CallOptions,
): Promise<SymbolRules | undefined | 'unavailable'> => {
  try {
    const rules = await trading.exchange.symbolRules([symbol], options);
    if (rules.length > 0) await trading.ledger.saveRules(rules, options);
    return rules.find((each) => each.symbol === symbol);
  } catch (error) {
    if (error instanceof StoreUnavailableError) throw error;
    trading.log.warn('the rules of a symbol could not be read', { symbol, error: String(error) });
    return 'unavailable';
  }
};
