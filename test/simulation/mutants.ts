import { DOMAIN, DYNAMO, type Mutant, one, USECASES } from './mutant.ts';
import { SENDING_MUTANTS } from './mutants-sending.ts';

/** Rows of the order protocol, section 13, for the code that exists: those on counters, fills and pace are here. */
export const MUTANTS: readonly Mutant[] = [
  ...SENDING_MUTANTS,
  one(
    'the mode is checked at the read only',
    `${DYNAMO}/strategies.ts`,
    ": { condition: '#mode = :active', values: { ':active': 'ACTIVE' } };",
    ": { condition: '(#mode <> :active OR #mode = :active)', values: { ':active': 'ACTIVE' } };",
    ['mode-in-transaction'],
  ),
  one(
    'the open orders are checked at the read only',
    `${DYNAMO}/strategies.ts`,
    'size(#inFlight) < :maxOpen AND',
    '(size(#inFlight) < :maxOpen OR size(#inFlight) >= :maxOpen) AND',
    ['limit-in-transaction'],
  ),
  one(
    "the day's notional is checked at the read only",
    `${DYNAMO}/strategies.ts`,
    ' AND #dayNotional <= :room',
    ' AND (#dayNotional <= :room OR #dayNotional > :room)',
    ['limit-in-transaction'],
  ),
  one(
    'given back on any day',
    `${DYNAMO}/strategies.ts`,
    "          condition: '#day = :day AND attribute_exists(#inFlight.#order)',\n          values: { ':over'",
    "          condition: '(#day = :day OR #day <> :day) AND attribute_exists(#inFlight.#order)',\n          values: { ':over'",
    ['reserved-sum', 'day-counters'],
  ),
  one(
    'the reservations are reset at midnight',
    `${DYNAMO}/strategies.ts`,
    "'SET #day = :day, #dayOrders = :one, #dayNotional = :n, #reserved = #reserved + :n, #inFlight.#order = :entry'",
    "'SET #day = :day, #dayOrders = :one, #dayNotional = :n, #reserved = :n, #inFlight.#order = :entry'",
    ['reserved-sum'],
  ),
  {
    name: 'the day goes back with a clock that is behind',
    edits: [
      {
        file: `${DOMAIN}/risk.ts`,
        find: 'return today > strategy.day ?',
        replace: 'return today !== strategy.day ?',
      },
      { file: `${DYNAMO}/strategies.ts`, find: '`#day < :day AND', replace: '`#day <> :day AND' },
    ],
    diesBy: ['day-forward'],
  },
  one(
    'nothing is given back with the end of an order',
    `${DOMAIN}/ledger.ts`,
    "  return { order: next(after), ...moved(lane, freed), ...giveBack(order, 'finish') };",
    '  return { order: next(after), ...moved(lane, freed) };',
    ['reserved-sum', 'in-flight'],
  ),
  {
    name: 'a fill has no key of its own',
    edits: [
      {
        file: `${DYNAMO}/fills.ts`,
        find: ", ConditionExpression: 'attribute_not_exists(tradeId)'",
        replace: '',
      },
      {
        file: `${USECASES}/settle-order.ts`,
        find: "if (!asked && shown.trades.length > 0 && view.order.fillsQty !== '0') {",
        replace: 'if (asked) {',
      },
    ],
    diesBy: ['fills-of-order', 'position-is-fills', 'same-as-exchange'],
  },
  one(
    'settled on its status alone',
    `${DOMAIN}/order.ts`,
    'order.settled || !isTerminal(order) || !decimal(order.fillsQty).eq(executedQuantity(order))',
    'order.settled || !isTerminal(order)',
    ['settled-complete'],
  ),
  one(
    'settled when all fills are there, whatever the status',
    `${DOMAIN}/order.ts`,
    'order.settled || !isTerminal(order) || !decimal',
    'order.settled || isTerminal(order) === undefined || !decimal',
    ['settled-complete'],
  ),
  one(
    'the end of an order is forgotten',
    `${DOMAIN}/facts.ts`,
    'known.terminal || seen.terminal',
    'seen.terminal',
    ['facts-grow'],
  ),
  one(
    'executed amounts are the last ones seen',
    `${DOMAIN}/facts.ts`,
    'cumQty: plain(larger(decimal(known.cumQty), decimal(seen.cumQty))),',
    'cumQty: seen.cumQty,',
    ['facts-grow'],
  ),
  one(
    'pace per process',
    `${DYNAMO}/pace.ts`,
    'ticket: (latest, options) =>',
    'ticket: async (latest, options) => Math.min(latest, dynamo.clock.now(), options.deadline),\n  old: (latest: number, options: CallOptions) =>',
    ['within-limits'],
  ),
  one(
    'the key of an alert is its second',
    `${USECASES}/accept-alert.ts`,
    'const key = id === undefined || holdsSecret(id, tokens) ? digest : id;',
    'const key = id === undefined || holdsSecret(id, tokens) ? String(Math.floor(arrival / 1_000)) : id;',
    ['every-alert-stored', 'one-item-per-alert'],
  ),
  one(
    'counters beside the transaction',
    `${DYNAMO}/ledger.ts`,
    "? counterWrites(dynamo, change.counters).map((item) => [...fixed, { of: 'strategy' as const, item }])",
    '? counterWrites(dynamo, change.counters).map(() => fixed)',
    ['reserved-sum', 'in-flight', 'mode-in-transaction'],
  ),
];
