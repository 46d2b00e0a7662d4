import { DOMAIN, DYNAMO, type Mutant, one, USECASES } from './mutant.ts';
import { CONTROL_MUTANTS } from './mutants-control.ts';
import { LANE_MUTANTS } from './mutants-lanes.ts';
import { SENDING_MUTANTS } from './mutants-sending.ts';

/** Rows of the order protocol, section 13, for the code that exists: those on counters, fills and pace are here. */
export const MUTANTS: readonly Mutant[] = [
  ...SENDING_MUTANTS,
  ...LANE_MUTANTS,
  ...CONTROL_MUTANTS,
  one(
    'the mode is checked at the read only',
    `${DYNAMO}/strategies.ts`,
    "condition: '#mode = :active AND attribute_not_exists(#overrun)',",
    "condition: '(#mode <> :active OR #mode = :active) AND attribute_not_exists(#overrun)',",
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
    "          condition: '#day = :day AND attribute_exists(#inFlight.#order)',\n          values: {\n            ':over'",
    "          condition: '(#day = :day OR #day <> :day) AND attribute_exists(#inFlight.#order)',\n          values: {\n            ':over'",
    ['reserved-sum', 'day-counters'],
  ),
  one(
    'the reservations are reset at midnight',
    `${DYNAMO}/strategies.ts`,
    '#dayRejects = :zero, #dayNotional = :n, #reserved = #reserved + :n,',
    '#dayRejects = :zero, #dayNotional = :n, #reserved = :n,',
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
    '  return { order: next(after), ...moved(lane, freed), ...giveBack(order, end) };',
    '  return { order: next(after), ...moved(lane, freed) };',
    ['reserved-sum', 'in-flight'],
  ),
  {
    name: 'a fill has no key of its own',
    edits: [
      {
        file: `${DYNAMO}/fills.ts`,
        find: "    ConditionExpression: 'attribute_not_exists(tradeId)',\n",
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
    'the day is checked at the read only',
    `${DYNAMO}/strategies.ts`,
    'condition: `#day = :day AND #dayOrders < :maxOrders',
    'condition: `(#day = :day OR #day <> :day) AND #dayOrders < :maxOrders',
    ['day-counters', 'limit-in-transaction'],
  ),
  one(
    'a fill is in its table and not in the position',
    `${DOMAIN}/ledger.ts`,
    '      lane_ = moved;',
    '      lane_ = { ...moved, quantity: lane_.quantity };',
    ['position-is-fills'],
  ),
  one(
    'fills are inferred from what was executed',
    `${DOMAIN}/ledger.ts`,
    "    after = transition(after, { kind: 'traded', at: findings.at, quantity: plain(total) }) ?? after;",
    "    after = transition(after, { kind: 'traded', at: findings.at, quantity: plain(decimal(executedQuantity(after)).minus(after.fillsQty)) }) ?? after;",
    ['fills-of-order'],
  ),
  one(
    "a cancel's answer is believed",
    `${USECASES}/cancel-orders.ts`,
    "    log.info('cancel sent', { order: id, answer });",
    "    await recordShown({ ...order, symbol }, { facts: [[open.n, { ...open.facts, status: 'CANCELED', terminal: true }]], trades: [] }, trading, options);\n    log.info('cancel sent', { order: id, answer });",
    ['same-as-exchange', 'settled-complete'],
  ),
  one(
    'an order that is not listed any more is taken for cancelled',
    `${USECASES}/survey.ts`,
    '        : [[order.id, { facts: factsFrom(order, rows), trades }] as const];',
    "        : [[order.id, { facts: factsFrom(order, open.some((row) => isOf(order, row)) ? rows : rows.map((row) => ({ ...row, status: row.status === 'FILLED' ? row.status : 'CANCELED' }))), trades }] as const];",
    ['same-as-exchange', 'settled-complete'],
  ),
  one(
    'pace per clock second',
    `${DYNAMO}/pace.ts`,
    '  ticket: (latest, options) => ticket(dynamo, latest, options),',
    `  ticket: async (latest, options) => {
    for (let second = Math.floor(dynamo.clock.now() / 1_000); second * 1_000 <= latest; second += 1) {
      const values = { ':second': second, ':one': 1 };
      const free = 'attribute_not_exists(#second) OR #second < :second';
      const first = { change: 'SET #second = :second, #used = :one', condition: free, values, returns: 'ALL_NEW' } as const;
      const room = '#second = :second AND #used < :most';
      const next = { change: 'SET #used = #used + :one', condition: room, values: { ...values, ':most': 10 }, returns: 'ALL_NEW' } as const;
      const mine = (await updateControl(dynamo, CONTROL.pace, first, options)) ?? (await updateControl(dynamo, CONTROL.pace, next, options));
      if (mine) return Math.max(dynamo.clock.now(), second * 1_000);
    }
    return undefined;
  },`,
    ['within-limits'],
  ),
  one(
    'tickets for a hundred orders a second',
    `${DYNAMO}/pace.ts`,
    'const TICKET_MS = 100;',
    'const TICKET_MS = 10;',
    ['within-limits'],
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
    'given back before the end of the order is written',
    `${DYNAMO}/ledger.ts`,
    '    result = await write(dynamo, parts, token, options);',
    `    const apart = change.counters !== undefined && change.counters.kind !== 'reserve';
    result = await write(dynamo, apart ? parts.slice(-1) : parts, token, options);
    if (apart && result.kind === 'committed') return write(dynamo, fixed, derived(token, 9), options);`,
    ['reserved-sum', 'in-flight'],
  ),
  one(
    'given back after the end of the order is written',
    `${DYNAMO}/ledger.ts`,
    '    result = await write(dynamo, parts, token, options);',
    `    const apart = change.counters !== undefined && change.counters.kind !== 'reserve';
    result = await write(dynamo, apart ? fixed : parts, token, options);
    if (apart && result.kind === 'committed')
      for (const [n, form] of forms.entries()) {
        result = await write(dynamo, form.slice(-1), derived(token, 9 + n), options);
        if (result.kind === 'committed') return result;
      }`,
    ['reserved-sum', 'in-flight'],
  ),
  one(
    'counters beside the transaction',
    `${DYNAMO}/ledger.ts`,
    "? counterWrites(dynamo, change.counters).map((item) => [...fixed, { of: 'strategy' as const, item }])",
    '? counterWrites(dynamo, change.counters).map(() => fixed)',
    ['reserved-sum', 'in-flight', 'mode-in-transaction'],
  ),
];
