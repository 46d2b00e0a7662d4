import { DOMAIN, type Mutant, one, USECASES } from './mutant.ts';

/** Rows of the order protocol, section 13, on sending, evidence and what an attempt ends by. */
export const SENDING_MUTANTS: readonly Mutant[] = [
  one(
    'a placement is repeated after a lost answer',
    'lib/mexc/placement.ts',
    "        if (result.kind === 'answer') {",
    `        if (result.kind === 'lost')
          await transport.send({ method: 'POST', target: order.target, accessKey: keys.accessKey, deadline, maxBytes: MAX_BYTES });
        if (result.kind === 'answer') {`,
    ['sent-once', 'one-order-per-alert'],
  ),
  one(
    'another timestamp is sent than the one that is stored',
    `${USECASES}/admit-order.ts`,
    '{ timestamp: signedAt, recvWindow: RECV_WINDOW, test: order.test }',
    '{ timestamp: signedAt, recvWindow: 60_000, test: order.test }',
    ['false-negative', 'one-order-per-alert', 'quiet-after-halt', 'lane-in-order'],
  ),
  one(
    'a refusal of the timestamp is answered by sending again',
    'lib/mexc/placement.ts',
    "        if (result.kind === 'answer') {",
    `        if (result.kind === 'answer' && result.text.includes('700003'))
          await transport.send({ method: 'POST', target: order.target, accessKey: keys.accessKey, deadline, maxBytes: MAX_BYTES });
        if (result.kind === 'answer') {`,
    ['sent-once', 'one-order-per-alert'],
  ),
  {
    name: 'the token of an admission is made of the alert',
    edits: [
      {
        file: `${USECASES}/admit-order.ts`,
        find: '  const nonce = trading.nonce();\n  const { day, opensDay }',
        replace: '  const nonce = order.id.slice(0, 22);\n  const { day, opensDay }',
      },
    ],
    // Where the two requests differ in a byte the store refuses the second, and it is thrown.
    diesBy: ['sent-once', 'one-order-per-alert', 'stale-submitting', 'no-5xx-after-sending'],
  },
  {
    name: 'a repeat of the alert sends an order that is being sent',
    edits: [
      {
        file: `${USECASES}/admit-order.ts`,
        find: "(known.state !== 'accepted' || known.digest",
        replace: "((known.state !== 'accepted' && known.state !== 'submitting') || known.digest",
      },
      {
        file: `${USECASES}/admit-order.ts`,
        find: "(order === undefined || order.state === 'accepted') && (draft.test ||",
        replace:
          "(order === undefined || order.state === 'accepted' || order.state === 'submitting') && (draft.test ||",
      },
      {
        file: `${DOMAIN}/order.ts`,
        find: "order.state === 'accepted' && !order.settled;",
        replace: "(order.state === 'accepted' || order.state === 'submitting') && !order.settled;",
      },
      {
        file: `${DOMAIN}/lane.ts`,
        find: 'lane.holder === undefined && (lane.queue.length === 0 ||',
        replace: '(lane.holder === undefined || lane.holder.order === id) && (lane.queue.length === 0 ||',
      },
    ],
    diesBy: ['stale-submitting', 'one-order-per-alert', 'turn-by-arrival'],
  },
  one(
    'bounds from the time of sending',
    `${USECASES}/admit-order.ts`,
    'const until = untilOf(signedAt);',
    'const until = untilOf(at);',
    ['proof-complete'],
  ),
  one(
    'bounds without the spread of clocks',
    `${DOMAIN}/timing.ts`,
    '+ CLOCK_SPREAD + QUEUEING',
    '+ QUEUEING',
    ['proof-complete'],
  ),
  one('proof time without visibility', `${DOMAIN}/timing.ts`, 'attempt.until + VISIBILITY', 'attempt.until', [
    'proof-complete',
  ]),
  one('bounds without queueing', `${DOMAIN}/timing.ts`, '+ CLOCK_SPREAD + QUEUEING', '+ CLOCK_SPREAD', [
    'proof-complete',
  ]),
  {
    name: 'evidence collected before the proof time',
    edits: [
      {
        file: `${DOMAIN}/absence.ts`,
        find: "  if (!(round.from > proofAt(attempt))) return 'asked before the proof time';\n",
        replace: '',
      },
      {
        file: `${USECASES}/prove-absence.ts`,
        find: '(lo < known.notBefore || lo <= proofAt(attempt))',
        replace: '(known.notBefore > proofAt(attempt) + 1 && lo < known.notBefore)',
      },
    ],
    diesBy: ['proof-complete', 'false-negative'],
  },
  {
    name: 'the uncertainty of the clock is left out of the proof',
    edits: [
      {
        file: `${USECASES}/collect-rounds.ts`,
        find: 'Math.min(earliest(time, askedAt), earliest(again, askedAt))',
        replace:
          'Math.min(earliest({ ...time, uncertainty: 0 }, askedAt), earliest({ ...again, uncertainty: 0 }, askedAt))',
      },
      {
        file: `${USECASES}/prove-absence.ts`,
        find: 'const lo = earliest(time, now);',
        replace: 'const lo = earliest({ ...time, uncertainty: 0 }, now);',
      },
    ],
    diesBy: ['proof-asked', 'false-negative'],
  },
  {
    name: 'one source instead of four',
    edits: [
      {
        file: `${DOMAIN}/absence.ts`,
        find: 'const row = round.order ?? round.openOrders.find(isOurs) ?? round.allOrders.find(isOurs);',
        replace: 'const row = round.openOrders.find(isOurs);',
      },
      {
        file: `${DOMAIN}/absence.ts`,
        find: 'const trade = round.ownTrades.find(isOurs);',
        replace: 'const trade = round.ownTrades.slice(0, 0).find(isOurs);',
      },
    ],
    diesBy: ['false-negative'],
  },
  one(
    'one round is proof enough',
    `${DOMAIN}/absence.ts`,
    'if (counted.length < 2)',
    'if (counted.length < 1)',
    ['proof-complete', 'proof-asked'],
  ),
  one(
    'a refusal of an earlier attempt ends the newest',
    `${DOMAIN}/order.ts`,
    '  attemptNumber(order) === n ? currentAttempt(order) : undefined;',
    '  n > 0 ? currentAttempt(order) : undefined;',
    ['stale-submitting', 'false-negative', 'state-by-facts'],
  ),
  one(
    'absent whatever the state',
    `${DOMAIN}/order.ts`,
    "const absent = (order: Order, event: Extract<OrderEvent, { kind: 'absent' }>): Order | undefined => {\n  if (!inDoubt(current(order, event.attempt))) return undefined;",
    "const absent = (order: Order, event: Extract<OrderEvent, { kind: 'absent' }>): Order | undefined => {",
    ['stale-submitting', 'state-by-facts'],
  ),
  one(
    'refused whatever the state',
    `${DOMAIN}/order.ts`,
    "const rejected = (order: Order, event: Extract<OrderEvent, { kind: 'rejected' }>): Order | undefined => {\n  if (!inDoubt(current(order, event.attempt))) return undefined;",
    "const rejected = (order: Order, event: Extract<OrderEvent, { kind: 'rejected' }>): Order | undefined => {",
    ['stale-submitting', 'state-by-facts'],
  ),
  one(
    'put back whatever the state',
    `${DOMAIN}/order.ts`,
    "    case 'not-executed':\n      return inDoubt(current(order, event.attempt))",
    "    case 'not-executed':\n      return event.attempt > 0",
    ['stale-submitting', 'state-by-facts'],
  ),
  one(
    'unsent whatever the state',
    `${DOMAIN}/order.ts`,
    "      return current(order, event.attempt)?.outcome === 'sending'\n        ? undone(",
    '      return event.attempt > 0\n        ? undone(',
    ['stale-submitting', 'state-by-facts'],
  ),
  one(
    'the reconciler puts back a stale submitting',
    `${USECASES}/reconcile-pass.ts`,
    "{ kind: 'lost', at, attempt: attempt.n, message: 'no outcome was ever stored' } as const",
    "{ kind: 'not-executed', at, attempt: attempt.n, code: 'stale', message: 'no outcome' } as const",
    ['false-negative', 'one-order-per-alert', 'lane-in-order'],
  ),
  one(
    'the nonce is not compared',
    `${USECASES}/admit-order.ts`,
    ' && currentAttempt(stored)?.nonce === nonce',
    '',
    ['sent-once', 'one-order-per-alert'],
  ),
];
