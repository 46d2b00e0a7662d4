import type { Store } from '../store.ts';
import type { Agenda } from './agenda.ts';
import type { Connection } from './connection.ts';
import type { Outbox } from './outbox.ts';
import type { noUsage } from './usage.ts';

/** What the parts of the hub share. */
export type HubParts = {
  store(): Store;
  agenda: Agenda;
  outbox: Outbox;
  connections: ReadonlySet<Connection>;
  /** Exchange time now. */
  time(): number;
  /** True time now. */
  trueTime(): number;
  usage: ReturnType<typeof noUsage>;
  /** The exchange ends a connection, by a rule of section 11.1 or by a disturbance. */
  end(connection: Connection, how: 'close' | 'destroy', why: 'rule' | 'disturbance'): void;
};
