import type { Watch } from './check-writes.ts';
import type { Count } from './faults.ts';
import { exchangeCells, stopCells, storeCells, wireCells } from './points.ts';
import type { World } from './world.ts';

/** States that every so many seeds have to come by. */
const STATES = [
  'accepted',
  'submitting',
  'open',
  'partially_filled',
  'filled',
  'canceled',
  'partially_canceled',
  'unknown',
  'rejected',
  'refused',
  'skipped',
  'expired',
  'absent',
  'tested',
  'done',
  'external',
] as const;

/** Hits of each kind of fault at each point, in a thousand seeds. */
const LEAST_HITS = 50;
/** Share of seeds in which something is unknown. */
const LEAST_UNKNOWN = 0.3;

/** Counts what a world has come by: faults of the exchange by endpoint, states of orders, answers, requests. */
export const coverageOf = (
  { exchange, exchanged, ordered, plan }: World,
  watch: Watch,
  count: Count,
): void => {
  for (const { method, path, faults } of exchange.journal()) {
    count(`request ${method} ${path}`);
    for (const fault of new Set(faults)) count(`exchange ${fault} ${method} ${path}`);
  }
  for (const state of watch.states) count(`seeds with ${state}`);
  for (const { answer } of exchanged) count(`answer ${answer?.status ?? 'none'}`);
  for (const { action, status } of ordered)
    count(`operator ${action.mode ?? action.command}: ${status ?? 'no answer'}`);
  count(`class ${plan.class}`);
};

/** Everything that is to be hit, as it is counted. */
const cells = (): string[] => [
  ...exchangeCells.map(({ kind, point }) => `exchange ${kind} ${point}`),
  ...wireCells.map(({ kind, point }) => `wire ${kind} ${point}`),
  ...storeCells.map(({ kind, point }) => `store ${kind} ${point}`),
  ...stopCells.map(({ kind, point }) => `${kind} ${point}`),
];

const PASSED = 'passed ';
/** Passages of a point, in a thousand seeds, from which on faults have to be drawn at it. */
const OFTEN = 200;

/** Points that are passed often, and at which nobody draws faults. */
const forgotten = (counts: ReadonlyMap<string, number>, seeds: number): string[] => {
  const known = new Set(stopCells.map(({ point }) => point));
  return [...counts].flatMap(([what, n]) =>
    what.startsWith(PASSED) && n >= (OFTEN * seeds) / 1_000 && !known.has(what.slice(PASSED.length))
      ? [`${what} ${n} times: no fault is drawn there`]
      : [],
  );
};

export interface Coverage {
  /** Rows of the table: a word, how many cells, the fewest hits and the most. */
  readonly rows: readonly string[];
  /** What was hit too seldom, in words. */
  readonly gaps: readonly string[];
}

/** @param seeds how many were run: their number is in proportion */
export const judgeCoverage = (counts: ReadonlyMap<string, number>, seeds: number): Coverage => {
  const hits = (name: string): number => counts.get(name) ?? 0;
  const least = Math.floor((LEAST_HITS * seeds) / 1_000);
  const groups = Map.groupBy(cells(), (cell) => {
    const [where, kind] = cell.split(' ');
    return where === 'kill' || where === 'freeze' ? where : `${where} ${kind}`;
  });
  const rows = [...groups].map(([name, group]) => {
    const all = group.map(hits).sort((a, b) => a - b);
    return `${name.padEnd(26)} ${String(group.length).padStart(3)} points, ${all[0]} to ${all.at(-1)} hits`;
  });
  const states = STATES.map((state) => `${state} ${hits(`seeds with ${state}`)}`).join(', ');
  const gaps = [
    ...cells().flatMap((cell) => (hits(cell) < least ? [`${cell}: ${hits(cell)} of ${least}`] : [])),
    ...forgotten(counts, seeds),
    ...STATES.flatMap((state) => (hits(`seeds with ${state}`) === 0 ? [`no order was ever ${state}`] : [])),
    ...(hits('seeds with unknown') < LEAST_UNKNOWN * seeds
      ? [`an unknown in ${hits('seeds with unknown')} of ${seeds} seeds only`]
      : []),
  ];
  return { rows: [...rows, `seeds by state: ${states}`], gaps };
};
