import type { StrategySettings } from '../../lib/domain/settings.ts';
import type { CommandInput } from '../../lib/simulator/exchange.ts';
import type { FaultInput } from '../../lib/simulator/fault-rule.ts';
import type { Instead } from '../support/memory-dynamo/faults.ts';
import type { Stop } from './machine.ts';

/** One alert on its way to the webhook. */
export interface Delivery {
  /** True time at which it reaches the API, ms after the start. */
  readonly at: number;
  /** Which alert it is: several deliveries of one are repeats. */
  readonly alert: number;
  readonly strategy: string;
  readonly body: string;
}

/** Something that strangers, or the owner by hand, do on the exchange. */
export interface Move {
  readonly at: number;
  readonly command: CommandInput;
}

/** A disturbance of the exchange; its rule says which request it hits. */
export interface ExchangeFault {
  readonly fault: FaultInput;
}

/** What becomes of the n-th request of its kind on the way to the exchange. */
export interface WireFault {
  readonly point: string;
  readonly nth: number;
  readonly kind: 'refused' | 'delay';
  readonly ms: number;
}

export const STORE_FAULTS = [
  'reset-before',
  'reset-after',
  'lost-request',
  'lost-answer',
  'late-write',
  'conflict',
  'throughput',
  'throttled',
  'in-progress',
  'server-error',
] as const;
export type StoreFaultKind = (typeof STORE_FAULTS)[number];

/** What becomes of the n-th request of its kind on the way to the store. */
export interface StoreFault {
  readonly point: string;
  readonly nth: number;
  readonly kind: StoreFaultKind;
  /** How late a late write is, ms. */
  readonly ms: number;
  readonly instead?: Instead;
}

/** The process that is the n-th to pass this point is stopped there. */
export interface PlannedStop {
  readonly point: string;
  readonly nth: number;
  readonly stop: Stop;
}

/** A run of the reconciler on top of those of every minute. */
export interface ExtraRun {
  readonly at: number;
}

/** The clock of one machine is set. */
export interface ClockStep {
  readonly at: number;
  /** Counted in the order in which machines start. */
  readonly machine: number;
  readonly ms: number;
}

/** What the operator does. */
export interface OperatorAction {
  readonly at: number;
  readonly strategy: string;
  readonly mode?: 'ACTIVE' | 'REDUCE_ONLY' | 'HALTED';
  readonly command?: 'cancelAll' | 'flatten';
}

/** Parts of a plan that can be left out one by one. */
export interface Events {
  readonly deliveries: readonly Delivery[];
  readonly moves: readonly Move[];
  readonly exchangeFaults: readonly ExchangeFault[];
  readonly wireFaults: readonly WireFault[];
  readonly storeFaults: readonly StoreFault[];
  readonly stops: readonly PlannedStop[];
  readonly runs: readonly ExtraRun[];
  readonly steps: readonly ClockStep[];
  readonly operator: readonly OperatorAction[];
}

/** Everything that a seed draws beforehand. */
export interface Plan extends Events {
  readonly seed: number;
  /** A: within the assumptions on the exchange's clocks, queueing and visibility. B: breaking them. */
  readonly class: 'A' | 'B';
  /** True time at the start, epoch ms. */
  readonly start: number;
  /** When faults end, ms after the start. */
  readonly lasts: number;
  /** The exchange turns away what exceeds its limits. */
  readonly strict: boolean;
  /** How far clocks of machines lie apart, ms. */
  readonly apart: number;
  readonly symbols: readonly string[];
  readonly strategies: Readonly<Record<string, StrategySettings>>;
  /** Longest lag of the store's indexes, ms. */
  readonly indexLag: number;
  /** Chances that a wake call is lost, and that it comes twice. */
  readonly wakes: { readonly lost: number; readonly twice: number };
}
