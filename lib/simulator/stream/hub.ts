import type { Clock } from '../clock.ts';
import { validKey } from '../listen-keys.ts';
import type { Store } from '../store.ts';
import type { Watcher } from '../watch.ts';
import { createAgenda, createAlarm } from './agenda.ts';
import { type Connection, deadlineOf, isSilent, openConnection, type StreamHandlers } from './connection.ts';
import { INVALID_KEY } from './control-messages.ts';
import { survives } from './delivery.ts';
import { disturbanceOf } from './disturb.ts';
import { strikesOf } from './faults.ts';
import { createFeedRegistry } from './feed-registry.ts';
import type { HubParts } from './hub-parts.ts';
import { createOutbox } from './outbox.ts';
import { createPrivateEvents } from './private-events.ts';
import { createSubscriptions } from './subscriptions.ts';
import { noUsage, type StreamUsage } from './usage.ts';
import { createWakeUp } from './wake-up.ts';

const CONNECTIONS_PER_KEY = 5;

/** A client's end of one connection. */
export type StreamConnection = {
  /** Counted from 1 since the exchange opened; faults match on it. */
  number: number;
  /** Takes a text frame from the client. Answers come before this returns, unless a fault delays them. */
  receive(text: string): void;
  /** The client closes: nothing more comes, `onClose` neither. */
  close(): void;
  /** Whether a fault keeps the connection from saying anything, protocol pongs included. */
  isSilent(): boolean;
};

/**
 * The WebSocket side of the exchange without sockets (section 11). All time comes from the exchange's clock, all chance from its
 * seed: the same seed and script give the same frames, byte for byte. Handlers are called one after the other: with the
 * frames an input caused before `step` or `apply` returns, otherwise when the clock comes to their time. What opening a connection
 * causes, such as the complaint about an invalid listen key, comes in a microtask.
 */
export type StreamHub = {
  /** Opens a connection; null where none comes about: a fault, or the sixth one of a listen key. */
  connect(options: { listenKey?: string }, handlers: StreamHandlers): StreamConnection | null;
  usage(): StreamUsage;
};

/** What the exchange itself does with the hub. */
export type InnerHub = StreamHub & {
  /** Hands over what inputs have caused. */
  flush(): void;
  /** Ends all connections: the state is about to be replaced. */
  reset(): void;
};

/**
 * @param sync brings the exchange to the present
 */
export function createStreamHub({
  store,
  clock,
  sync,
}: {
  store: () => Store;
  clock: Clock;
  sync: () => void;
}): InnerHub {
  const agenda = createAgenda();
  const usage = noUsage();
  const connections = new Set<Connection>();
  // The agenda goes on where a clock is set back: its time is the true time and what was set back so far.
  let offset = 0;
  let lastAt = 0;
  let opened = 0;
  const outbox = createOutbox(agenda, (channel) => {
    usage.pushes[channel] = (usage.pushes[channel] ?? 0) + 1;
  });
  const trueTime = (): number => agenda.now() - offset;
  const skew = (): number => store().state.world.skewMs;

  const hub: HubParts = {
    store,
    agenda,
    outbox,
    connections,
    trueTime,
    time: () => trueTime() + skew(),
    usage,
    end(connection, how, why) {
      if (!connection.open) return;
      usage.ended[why] += 1;
      outbox.end(connection, how);
      remove(connection);
    },
  };
  const feeds = createFeedRegistry(hub, (exchangeTime) => exchangeTime - skew() + offset);
  const events = createPrivateEvents(hub);
  const subscriptions = createSubscriptions(hub, feeds, events);

  const remove = (connection: Connection): void => {
    connection.open = false;
    connections.delete(connection);
    subscriptions.forget(connection);
    if (connections.size === 0) store().watch = null;
  };
  const advance = (at: number): void => {
    if (at < lastAt) offset += lastAt - at;
    lastAt = at;
    agenda.runUntil(at + offset);
  };
  const watcher: Watcher = {
    advance,
    order: events.order,
    fill: events.fill,
    balance: events.balance,
    book: feeds.book,
    print: feeds.print,
    connections(how, listenKey) {
      for (const connection of connections) {
        if (listenKey !== undefined && connection.key?.key !== listenKey) continue;
        const silent = how === 'silence' ? Number.POSITIVE_INFINITY : null;
        survives(hub, connection, {
          ...disturbanceOf([]),
          ends: how === 'silence' ? null : how,
          silentMs: silent,
        });
      }
    },
  };
  const wakeUp = createWakeUp(clock, () => {
    sync();
    flush();
  });
  const flush = (): void => {
    outbox.flush();
    if (connections.size === 0) {
      wakeUp.off();
      return;
    }
    // Requests executed late must be so on time when somebody is to hear of it.
    const late = store().state.late[0]?.due ?? Number.POSITIVE_INFINITY;
    wakeUp.at(Math.min(agenda.next() - offset, late));
  };

  const begin = (): void => {
    if (connections.size > 0) return;
    lastAt = clock.now();
    offset = 0;
    agenda.restart(lastAt);
    store().watch = watcher;
  };
  /** Closes the connection when section 11.1 says so. One that says nothing is left open for as long. */
  const guard = (connection: Connection): void => {
    const check = (): void => {
      if (!connection.open) return;
      const now = agenda.now();
      if (isSilent(connection, now)) alarm.only(connection.silentUntil);
      else if (now >= deadlineOf(connection)) hub.end(connection, 'close', 'rule');
      else alarm.only(deadlineOf(connection));
    };
    const alarm = createAlarm(agenda, check);
    connection.watch = check;
    check();
  };

  return {
    connect({ listenKey }, handlers) {
      sync();
      begin();
      opened += 1;
      const strikes = strikesOf(store().state, { on: 'connect', at: trueTime(), connection: opened });
      const disturbance = disturbanceOf(strikes);
      const key = listenKey === undefined ? null : validKey(store(), listenKey, hub.time());
      const same = [...connections].filter((other) => key !== null && other.key?.key === key.key);
      if (disturbance.refused || same.length >= CONNECTIONS_PER_KEY) {
        usage.turnedAway += 1;
        if (connections.size === 0) store().watch = null;
        return null;
      }
      const owner = key === null ? null : { key: key.key, uid: key.uid };
      const connection = openConnection(opened, handlers, owner, agenda.now());
      connections.add(connection);
      usage.opened += 1;
      usage.peak = Math.max(usage.peak, connections.size);
      guard(connection);
      if (survives(hub, connection, disturbance) && listenKey !== undefined && key === null) {
        usage.invalidKeys += 1;
        outbox.send(connection, INVALID_KEY, null, disturbance.delayMs);
      }
      queueMicrotask(flush);
      return {
        number: connection.number,
        receive(text) {
          sync();
          if (connection.open) subscriptions.receive(connection, text);
          flush();
        },
        close() {
          sync();
          connection.left = true;
          if (connection.open) remove(connection);
          flush();
        },
        isSilent: () => isSilent(connection, agenda.now()),
      };
    },
    usage() {
      sync();
      const { state } = store();
      const listenKeys: Record<string, number> = {};
      for (const { uid, expiresAt } of state.listenKeys) {
        if (clock.now() + skew() < expiresAt) listenKeys[uid] = (listenKeys[uid] ?? 0) + 1;
      }
      return structuredClone({ ...usage, connections: connections.size, listenKeys });
    },
    flush,
    reset() {
      for (const connection of connections) hub.end(connection, 'destroy', 'disturbance');
      flush();
    },
  };
}
