import type { CallOptions } from './ports.ts';

/** Short facts that outlive a process, by name. Each call throws `StoreUnavailableError` when no answer came in time. */
export interface Notes {
  /** Strongly consistent. */
  read(name: string, options: CallOptions): Promise<string | undefined>;
  /** The later word stands. */
  write(name: string, text: string, options: CallOptions): Promise<void>;
}

/** When the newest alert of a strategy arrived, local epoch ms; `undefined`: none ever did. */
export type LatestAlert = (strategy: string, options: CallOptions) => Promise<number | undefined>;
