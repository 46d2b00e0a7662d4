import type { Market } from '../domain/admission.ts';
import { StoreUnavailableError } from '../domain/errors.ts';
import type { CallOptions, Clock, LedgerView } from '../domain/ports.ts';
import type { Draft } from './admit-order.ts';
import { readMarket } from './read-market.ts';
import type { Trading } from './trading.ts';

/** An alert that is kept waiting by the exchange for longer, ms, is stored first. */
const PLACE_AFTER = 250;
/** Kept back from what is asked of the exchange: the alert must be stored whatever the exchange does, ms. */
const STORE_RESERVE = 1_000;
/** What must be left of the budget when the ticket comes due: transaction, request, outcome. */
const TICKET_RESERVE = 1_000;

/** What sizing needs of the exchange; see `readMarket`. */
export const askMarket = (
  draft: Draft,
  view: LedgerView,
  trading: Trading,
  options: CallOptions,
): Promise<Market> => readMarket(draft.alert, view, trading, forExchange(options, trading));

/** What is known before the exchange keeps an alert from being stored. */
export const soon = (market: Promise<Market>, clock: Clock): Promise<Market | undefined> =>
  Promise.race([market, clock.sleep(PLACE_AFTER).then(() => undefined)]);

/** The exchange gets what is left when the alert has to be stored all the same. */
export const forExchange = ({ deadline }: CallOptions, { clock }: Trading): CallOptions => ({
  deadline: Math.max(clock.now() + 100, deadline - STORE_RESERVE),
});

/**
 * An alert that places nothing takes no ticket. A test order takes one: a flood of them would meet the exchange's limit of
 * twenty requests a second, and the pause that follows holds real orders too. A pace item that does not answer is no ticket
 * in time, and no reason to lose the alert.
 */
export const takeTicket = async (
  { alert, id }: Draft,
  { pace, clock, log }: Trading,
  options: CallOptions,
): Promise<number | undefined> => {
  if (alert.action === 'cancel') return clock.now();
  try {
    return await pace.ticket(Math.max(clock.now(), options.deadline - TICKET_RESERVE), options);
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    log.warn('no send ticket could be taken', { order: id, error: error.message });
    return undefined;
  }
};
