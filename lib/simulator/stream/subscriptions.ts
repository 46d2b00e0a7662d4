import { validKey } from '../listen-keys.ts';
import { type Channel, parseChannel } from './channels.ts';
import { type Connection, mayReceive } from './connection.ts';
import { answerText, type ControlMessage, isTooLong, readControl, refusalText } from './control-messages.ts';
import { survives } from './delivery.ts';
import { answerFrame, type Disturbance, disturbanceOf } from './disturb.ts';
import { type Strike, strikesOf } from './faults.ts';
import type { FeedRegistry } from './feed-registry.ts';
import type { HubParts } from './hub-parts.ts';
import type { PrivateEvents } from './private-events.ts';

const MOST_CHANNELS = 30;

/** What clients ask for: channels in and out, and PING (section 11.2). */
export type Subscriptions = {
  receive(connection: Connection, text: string): void;
  /** Takes a connection that has ended out of all its channels. */
  forget(connection: Connection): void;
};

export function createSubscriptions(
  hub: HubParts,
  feeds: FeedRegistry,
  events: PrivateEvents,
): Subscriptions {
  const strikesAt = (connection: Connection, on: 'subscribe' | 'ping', channel?: string): Strike[] => {
    const parsed = channel === undefined ? null : parseChannel(channel);
    const symbol = parsed !== null && 'symbol' in parsed ? parsed.symbol : undefined;
    const at = hub.trueTime();
    return strikesOf(hub.store().state, { on, at, channel, symbol, connection: connection.number });
  };
  const answer = (connection: Connection, text: string, disturbance: Disturbance): void => {
    if (disturbance.lost) return;
    hub.outbox.send(connection, answerFrame(text, disturbance), null, disturbance.delayMs);
  };
  const undisturbed = disturbanceOf([]);

  const mayRead = (connection: Connection, channel: Channel): boolean => {
    const store = hub.store();
    if (channel.kind === 'miniTickers') return true;
    if (channel.kind !== 'private') return store.symbols.has(channel.symbol);
    return connection.key !== null && validKey(store, connection.key.key, hub.time()) !== null;
  };
  /** False for what is blocked: unknown names and symbols, a second time, one channel too many, private ones without a key. */
  const enter = (connection: Connection, name: string): boolean => {
    const channel = parseChannel(name);
    if (channel === null || !mayRead(connection, channel)) return false;
    if (connection.channels.has(name) || connection.channels.size >= MOST_CHANNELS) return false;
    connection.channels.set(name, channel);
    if (channel.kind !== 'private') feeds.add(connection, name, channel);
    else if (channel.of === 'account' && connection.key !== null) events.follow(connection.key.uid);
    return true;
  };
  const leave = (connection: Connection, name: string): void => {
    const channel = connection.channels.get(name);
    if (channel === undefined) return;
    connection.channels.delete(name);
    if (channel.kind !== 'private') feeds.remove(connection, name);
    else if (connection.key !== null) events.left(connection.key.uid);
  };

  const subscribe = (connection: Connection, { id, params }: ControlMessage): void => {
    const accepted: string[] = [];
    const refused: string[] = [];
    const all: Strike[] = [];
    for (const name of params) {
      const strikes = strikesAt(connection, 'subscribe', name);
      all.push(...strikes);
      const blocked = disturbanceOf(strikes).refused;
      (!blocked && enter(connection, name) ? accepted : refused).push(name);
    }
    hub.usage.refusedChannels += refused.length;
    const disturbance = disturbanceOf(all);
    if (!survives(hub, connection, disturbance)) return;
    const { mixed } = hub.store().state.stream.form;
    const isMixed = accepted.length > 0 && refused.length > 0;
    if (accepted.length > 0 && !(isMixed && mixed === 'refused')) {
      answer(connection, answerText(id, accepted.join(',')), disturbance);
    }
    if (isMixed ? mixed !== 'accepted' : accepted.length === 0) {
      answer(connection, answerText(id, refusalText(refused)), disturbance);
    }
  };
  const unsubscribe = (connection: Connection, { id, params }: ControlMessage): void => {
    const before = connection.channels.size;
    for (const name of params) leave(connection, name);
    if (before > 0 && connection.channels.size === 0) {
      connection.unsubscribedSince = hub.agenda.now();
      connection.watch();
    }
    answer(connection, answerText(id, params.join(',')), undisturbed);
  };
  const pong = (connection: Connection, { id }: ControlMessage): void => {
    connection.flowedAt = hub.agenda.now();
    const disturbance = disturbanceOf(strikesAt(connection, 'ping'));
    if (survives(hub, connection, disturbance)) answer(connection, answerText(id, 'PONG'), disturbance);
  };

  return {
    receive(connection, text) {
      if (!mayReceive(connection, hub.agenda.now())) {
        hub.usage.refusedMessages += 1;
        return;
      }
      if (isTooLong(text)) {
        // Not read, so neither its id nor its channels can be named.
        hub.usage.refusedFrames += 1;
        answer(connection, answerText(0, refusalText([])), undisturbed);
        return;
      }
      const message = readControl(text);
      if (message?.method === 'PING') pong(connection, message);
      else if (message?.method === 'SUBSCRIPTION') subscribe(connection, message);
      else if (message?.method === 'UNSUBSCRIPTION') unsubscribe(connection, message);
    },
    forget(connection) {
      for (const name of [...connection.channels.keys()]) leave(connection, name);
    },
  };
}
