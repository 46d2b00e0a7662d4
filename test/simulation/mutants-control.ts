import { DYNAMO, type Mutant, one, USECASES } from './mutant.ts';

/** Rows of the order protocol, section 13, on halts, and on what the exchange has and the ledger denies. */
export const CONTROL_MUTANTS: readonly Mutant[] = [
  {
    name: 'evidence against what was denied is not looked for',
    edits: [
      {
        file: `${USECASES}/judge-row.ts`,
        find: '  if (named && known) return heal(known, named.attempt, row, run);',
        replace: '  if (named && known) return known;',
      },
      {
        file: `${USECASES}/judge-row.ts`,
        find: '  if (ours && order) return heal(order, ours.attempt, asked, run);',
        replace: '  if (ours && order) return order;',
      },
      {
        file: `${USECASES}/sweep.ts`,
        find: '      note(run, order, await recordShown({ ...order, symbol }, shown, trading, options));',
        replace: '      note(run, order, shown.trades.length > 0 ? order : undefined);',
      },
    ],
    diesBy: ['ledger-knows-order', 'same-as-exchange', 'fills-are-trades', 'alarmed'],
  },
  one(
    'a halt waits for nothing',
    `${USECASES}/await-outcomes.ts`,
    '    Object.entries(inFlight).map(([order, { attempt, until }])',
    '    Object.entries(inFlight).slice(0, 0).map(([order, { attempt, until }])',
    ['quiet-after-halt'],
  ),
  one(
    'a halt waits from its commit on',
    `${USECASES}/await-outcomes.ts`,
    'time ? earliest(time, now) > until :',
    'time ? now > Math.min(since, until) :',
    ['quiet-after-halt'],
  ),
  one(
    'a halt waits without queueing',
    `${USECASES}/await-outcomes.ts`,
    'time ? earliest(time, now) > until :',
    'time ? earliest(time, now) > until - 3_000 :',
    ['quiet-after-halt'],
  ),
  one(
    'a halt asks the index',
    `${USECASES}/await-outcomes.ts`,
    '      const order = await ledger.order(doubt.order, options);',
    '      if (!(await ledger.unsettled(options)).includes(doubt.order)) left.delete(doubt);\n      const order = await ledger.order(doubt.order, options);',
    ['quiet-after-halt'],
  ),
  one(
    'a halt takes unknown for an outcome',
    `${USECASES}/await-outcomes.ts`,
    'if (attempt && !inDoubt(attempt)) left.delete(doubt);',
    "if (attempt && (!inDoubt(attempt) || attempt.outcome === 'unknown')) left.delete(doubt);",
    ['quiet-after-halt'],
  ),
  one(
    'a halt does not look whether it still holds',
    `${USECASES}/change-modes.ts`,
    'same &&= after?.mode === before.mode && after.epoch === before.epoch;',
    'same &&= after?.mode === before.mode || after?.epoch !== before.epoch;',
    ['quiet-after-halt'],
  ),
  {
    name: 'a new strategy is active whatever holds for all',
    edits: [
      {
        file: `${DYNAMO}/strategies.ts`,
        find: 'const record = newStrategy(name, mode, clock);',
        replace: "const record = newStrategy(name, mode === 'HALTED' ? 'ACTIVE' : mode, clock);",
      },
    ],
    diesBy: ['quiet-after-halt'],
  },
];
