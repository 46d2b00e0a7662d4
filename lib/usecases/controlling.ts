import type { TimeEstimate } from '../domain/exchange-time.ts';
import type { Modes } from '../domain/mode-change.ts';
import type { CallOptions, Clock, Ledger, Log } from '../domain/ports.ts';
import type { StrategySettings } from '../domain/settings.ts';
import type { Balances } from '../domain/snapshot-ports.ts';

/** Everything that the operator's control needs from outside. It has no key of the exchange. */
export interface Controlling {
  readonly clock: Clock;
  readonly ledger: Pick<Ledger, 'order' | 'strategies' | 'lanes' | 'rules' | 'ensureStrategy'>;
  readonly modes: Modes;
  /** The newest snapshot, to close what the operator explains. */
  readonly balances: Pick<Balances, 'latest' | 'save'>;
  /** The exchange's clock, which anybody may ask for, measured by this process. */
  readonly measureTime: (options: CallOptions) => Promise<TimeEstimate>;
  /** Starts a run of `reconcile-orders`, which carries commands out. Losing the request costs a minute. */
  readonly startRun: () => Promise<void>;
  /** Names of strategies that have settings, and of those that have a webhook token. */
  readonly configured: readonly string[];
  readonly withToken: () => Promise<readonly string[]>;
  readonly settingsOf: (strategy: string) => StrategySettings;
  readonly log: Log;
  /** 22 characters of base64url over 16 random bytes. */
  readonly nonce: () => string;
}
