import type { ExchangeOrder } from './exchange.ts';
import { type DecimalText, decimal, larger, plain, sum } from './money.ts';
import { type Attempt, type Facts, factsIn, inDoubt, type Order, type OrderState } from './order-record.ts';

/** Terminal words of the exchange (reference section 9.1); any other word means: not ended. */
const TERMINAL = new Set(['FILLED', 'CANCELED', 'PARTIALLY_CANCELED']);
/** The words from weak to strong: of two the stronger stands, in whatever order they are read. */
const STRENGTH = ['NEW', 'PARTIALLY_FILLED', 'CANCELED', 'PARTIALLY_CANCELED', 'FILLED'];

/** What an order object of the exchange says about an attempt. */
export const factsOf = (shown: ExchangeOrder): Facts => ({
  exchangeOrderId: shown.exchangeOrderId,
  cumQty: shown.cumQty,
  cumQuote: shown.cumQuote,
  status: shown.status,
  terminal: TERMINAL.has(shown.status),
});

/** Facts only grow: executed amounts by maximum, the end is sticky, the exchange's id is set once. */
export const mergeFacts = (known: Facts | undefined, seen: Facts): Facts => {
  if (!known) return seen;
  return {
    exchangeOrderId: known.exchangeOrderId,
    cumQty: plain(larger(decimal(known.cumQty), decimal(seen.cumQty))),
    cumQuote: plain(larger(decimal(known.cumQuote), decimal(seen.cumQuote))),
    status: stronger(known.status, seen.status),
    terminal: known.terminal || seen.terminal,
  };
};

/** Words not known yet are the weakest, among themselves in alphabetical order. */
const stronger = (a: string, b: string): string => {
  const more = STRENGTH.indexOf(a) - STRENGTH.indexOf(b);
  return more > 0 || (more === 0 && a > b) ? a : b;
};

const allFacts = (order: Order): Facts[] => order.attempts.flatMap(factsIn);

/** Executed base quantity over all attempts. */
export const executedQuantity = (order: Order): DecimalText =>
  plain(sum(allFacts(order).map((f) => f.cumQty)));
/** Executed quote amount over all attempts. */
export const executedQuote = (order: Order): DecimalText =>
  plain(sum(allFacts(order).map((f) => f.cumQuote)));

/** More was executed than trades are applied. */
export const lacksFills = (order: Order): boolean => decimal(executedQuantity(order)).gt(order.fillsQty);

/** True when every attempt that the exchange has is ended there, and none may still come to be. */
export const isTerminal = (order: Order): boolean => {
  const facts = allFacts(order);
  return facts.length > 0 && facts.every((f) => f.terminal) && !order.attempts.some(inDoubt);
};

/** The state that the facts of all attempts say; `undefined` while the exchange has none of them. */
export const stateByFacts = (attempts: readonly Attempt[]): OrderState | undefined => {
  const facts = attempts.flatMap(factsIn);
  if (facts.length === 0) return undefined;
  const nothing = sum(facts.map((f) => f.cumQty)).eq('0');
  if (!facts.every((f) => f.terminal)) return nothing ? 'open' : 'partially_filled';
  if (facts.every((f) => f.status === 'FILLED')) return 'filled';
  return nothing ? 'canceled' : 'partially_canceled';
};

const sameAmounts = (a: Facts, b: Facts): boolean =>
  decimal(a.cumQty).eq(b.cumQty) && decimal(a.cumQuote).eq(b.cumQuote);

/** True when nothing of what was seen is news. */
export const sameFacts = (a: Facts, b: Facts): boolean =>
  a.terminal === b.terminal && a.status === b.status && sameAmounts(a, b);
