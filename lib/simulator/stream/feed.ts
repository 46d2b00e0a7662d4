import type { Print } from '../state.ts';
import type { Store } from '../store.ts';
import type { SymbolRules } from '../symbols.ts';
import type { Agenda } from './agenda.ts';
import type { Push } from './messages.ts';

/** The source of one public channel, alive while somebody is subscribed. */
export type Feed = {
  /** A trade was printed on the tape of its symbol. */
  print?(print: Print): void;
  /** The book of its symbol has a new version. */
  book?(): void;
  stop(): void;
};

/** What a feed may use. */
export type FeedContext = {
  store: Store;
  agenda: Agenda;
  /** The channel's full name. */
  channel: string;
  /** Exchange time now. */
  time(): number;
  /** When on the agenda an exchange time will be. */
  due(exchangeTime: number): number;
  send(push: Push): void;
};

/** The same for a feed of one symbol. */
export type SymbolContext = FeedContext & { rules: SymbolRules };

/** Everything but the body of a push made now. */
export function header({ channel, time, rules }: SymbolContext): Omit<Push, 'body'> {
  const now = time();
  return { channel, symbol: rules.symbol, createTime: now, sendTime: now };
}
