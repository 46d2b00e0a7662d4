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
export type Move = { readonly at: number } & (
  | { readonly command: CommandInput }
  /** Strangers take a share of what is left of the newest order of ours that rests. */
  | { readonly take: { readonly symbol: string; readonly share: number } }
  /** Another program with a key of the account places a limit order under a name of its choice. */
  | { readonly foreign: ForeignOrder }
);

export interface ForeignOrder {
  readonly symbol: string;
  readonly side: 'BUY' | 'SELL';
  readonly price: string;
  readonly quantity: string;
  /** Of our form: it looks as if this ledger had to know it. */
  readonly clientOrderId: string;
}

/** Hits whoever passes this point first at this time or later, ms after the start; several at one point hit one each. */
export interface Planned {
  readonly point: string;
  readonly at: number;
}

/** A disturbance of the exchange. `lasting`: of all requests that its rule names, until the faults end. */
export interface ExchangeFault extends Planned {
  readonly fault: FaultInput;
  readonly lasting?: true;
}

/** What becomes of a request on the way to the exchange. */
export interface WireFault extends Planned {
  readonly kind: 'refused' | 'delay';
  readonly ms: number;
  /** The exchange takes so long as well until the order is in its book, ms. */
  readonly late?: number;
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

/** What becomes of a request on the way to the store. */
export interface StoreFault extends Planned {
  readonly kind: StoreFaultKind;
  /** How late a late write is, ms. */
  readonly ms: number;
  readonly instead?: Instead;
}

/** The process that passes this point is stopped there. */
export interface PlannedStop extends Planned {
  readonly stop: Stop;
}

/** A run of the reconciler on top of those of every minute. */
export interface ExtraRun {
  readonly at: number;
  /** For a lane: it leaves the work to another run that is at it already. */
  readonly woken?: true;
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
  /** Absent: all of them. */
  readonly strategy?: string;
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
