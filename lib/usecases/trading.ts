import type { ExchangeClock } from '../domain/exchange-time.ts';
import type { Clock, Exchange, Ledger, Log, Pace, RunLease, Waker } from '../domain/ports.ts';
import type { StrategySettings } from '../domain/settings.ts';
import type { Crowd } from './crowd.ts';

/** Everything the order path needs from outside. Built once per cold start by the entry points. */
export interface Trading {
  readonly clock: Clock;
  readonly exchange: Exchange;
  readonly exchangeClock: ExchangeClock;
  readonly ledger: Ledger;
  readonly pace: Pace;
  readonly lease: RunLease;
  readonly crowd: Crowd;
  readonly waker: Waker;
  readonly log: Log;
  /** 22 characters of base64url over 16 random bytes. */
  readonly nonce: () => string;
  /** In [0, 1): the jitter between repetitions. */
  readonly random: () => number;
  readonly settingsOf: (strategy: string) => StrategySettings;
}
