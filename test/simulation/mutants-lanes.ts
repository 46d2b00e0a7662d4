import { DOMAIN, DYNAMO, type Mutant, one, USECASES } from './mutant.ts';

/** Rows of the order protocol, section 13, on lanes, turns and sizes. */
export const LANE_MUTANTS: readonly Mutant[] = [
  one(
    'the lane is free while an order is unknown',
    `${DOMAIN}/ledger.ts`,
    "if (event.kind === 'lost') return { order: next(after) };",
    "if (event.kind === 'lost') return { order: next(after), ...moved(lane, lane && released(lane, order.id, event.attempt)) };",
    ['doubt-holds-lane'],
  ),
  {
    name: 'a lane is leased for three seconds',
    edits: [
      {
        file: `${DOMAIN}/ledger.ts`,
        find: "if (event.kind === 'lost') return { order: next(after) };",
        replace:
          "if (event.kind === 'lost') return { order: next(after), ...(event.at > (order.attempts.find(({ n }) => n === event.attempt)?.signedAt ?? 0) + 3_000 && moved(lane, lane && released(lane, order.id, event.attempt))) };",
      },
      {
        file: `${USECASES}/reconcile-pass.ts`,
        find: 'lo <= attempt.until)',
        replace: 'lo <= attempt.signedAt + 3_000)',
      },
    ],
    diesBy: ['doubt-holds-lane', 'lane-in-order'],
  },
  one(
    'accepted without a place in the queue',
    `${DOMAIN}/ledger.ts`,
    'moved(lane, lane && enqueued(lane, { id: order.id, arrival: order.arrival })),\n  };',
    'moved(lane, lane),\n  };',
    ['accepted-is-queued'],
  ),
  one(
    'the first of the queue is not asked for',
    `${DOMAIN}/lane.ts`,
    'lane.holder === undefined && (lane.queue.length === 0 || lane.queue[0]?.id === id)',
    'lane.holder === undefined && id !== undefined',
    ['turn-by-arrival'],
  ),
  one(
    'what comes back is put at the end',
    `${DOMAIN}/lane.ts`,
    '{ ...lane, queue: [...lane.queue, entry].sort(before) }',
    '{ ...lane, queue: before ? [...lane.queue, entry] : lane.queue }',
    ['queue-sorted'],
  ),
  one(
    'the holder stays after absence',
    `${DOMAIN}/ledger.ts`,
    'withDenial(released(lane, order.id, event.attempt), signedAt, event.at);',
    "withDenial(event.kind === 'absent' ? lane : released(lane, order.id, event.attempt), signedAt, event.at);",
    ['holder-moves-position', 'lane-free'],
  ),
  one(
    'the holder stays after settlement',
    `${DOMAIN}/ledger.ts`,
    'for (const { n } of settled.attempts) lane = released(lane, settled.id, n);',
    'for (const { n } of settled.attempts) lane = released(lane, settled.id, -n);',
    ['holder-moves-position', 'lane-free'],
  ),
  one(
    'an immediate order frees its lane when it is acknowledged',
    `${DOMAIN}/ledger.ts`,
    'if (!doubted || after.type === undefined || !isResting(after.type)) return lane;',
    'if (doubted && after.type !== undefined && !isResting(after.type)) return released(lane, before.id, n);\n  if (!doubted || after.type === undefined) return lane;',
    ['live-immediate-holds-lane'],
  ),
  one(
    "the lane's version is not checked",
    `${DYNAMO}/positions.ts`,
    "ConditionExpression: '#version = :read',",
    "ConditionExpression: '#version >= :read OR #version < :read',",
    ['position-is-fills', 'turn-by-arrival', 'accepted-is-queued', 'doubt-holds-lane', 'resting-is-live'],
  ),
  {
    name: 'closing and targets do not wait for resting orders',
    edits: [
      {
        file: `${DOMAIN}/sizing.ts`,
        find: "  if (Object.keys(market.lane.resting).length > 0) return { kind: 'gate' };\n  const position",
        replace: '  const position',
      },
      {
        file: `${DOMAIN}/sizing.ts`,
        find: "  if (Object.keys(market.lane.resting).length > 0) return { kind: 'gate' };\n\n  const difference",
        replace: '  const difference',
      },
    ],
    diesBy: ['gate-closed'],
  },
  one(
    'targets do not wait for resting orders',
    `${DOMAIN}/sizing.ts`,
    "  if (Object.keys(market.lane.resting).length > 0) return { kind: 'gate' };\n\n  const difference",
    '  const difference',
    ['gate-closed', 'target-size'],
  ),
  one(
    'targets are sized without a look at what rests',
    `${DOMAIN}/sizing.ts`,
    'goal.minus(committedQuantity(market.lane))',
    'goal.minus(market.lane.quantity)',
    ['target-reached'],
  ),
  one(
    'sells without a look at resting sells',
    `${DOMAIN}/lane.ts`,
    "decimal(lane.quantity).minus(openResting(lane, 'sell'));\n  return free",
    "decimal(lane.quantity).minus('0');\n  return free",
    ['sells-own-only'],
  ),
  one(
    'an older target is carried out after a newer one',
    `${DOMAIN}/decide.ts`,
    'if (intent && lane.intent && isOlder(intent, lane.intent))',
    'if (intent && lane.intent && isOlder(intent, intent))',
    ['newest-intent'],
  ),
];
