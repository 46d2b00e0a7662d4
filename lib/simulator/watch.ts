import type { Order, OrderStatus, Print, Trade } from './state.ts';

/** Told of what happens in the exchange at the moment it happens. Nobody is, as long as no stream is open. */
export type Watcher = {
  /** It is the true time `at` now: what was due until then comes before anything else. */
  advance(at: number): void;
  /** An order that is new, filled further or ended. Its own status may lag behind `status`. Exchange time. */
  order(order: Order, status: OrderStatus, at: number): void;
  /** One side of a fill, already booked. */
  fill(trade: Trade): void;
  /** A balance may have changed; `cause` by the names of section 11.4. Exchange time. */
  balance(uid: string, asset: string, cause: string, at: number): void;
  /** The book of a symbol has a new version. */
  book(symbol: string): void;
  print(symbol: string, print: Print): void;
  /** What a command does to connections that are open: all, or those of one listen key. */
  connections(how: 'close' | 'destroy' | 'silence', listenKey: string | undefined): void;
};
