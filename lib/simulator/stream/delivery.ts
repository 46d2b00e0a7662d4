import { type Connection, isSilent } from './connection.ts';
import { type Disturbance, disturbanceOf, pushFrame } from './disturb.ts';
import { strikesOf } from './faults.ts';
import type { HubParts } from './hub-parts.ts';
import type { Push } from './messages.ts';

/** Sends a push to a connection, as far as the faults let it. */
export function deliver(hub: HubParts, connection: Connection, push: Push): void {
  if (!connection.open) return;
  const { state } = hub.store();
  const strikes = strikesOf(state, {
    on: 'push',
    at: hub.trueTime(),
    channel: push.channel,
    symbol: push.symbol,
    connection: connection.number,
  });
  const disturbance = disturbanceOf(strikes);
  if (!survives(hub, connection, disturbance)) return;
  if (disturbance.lost || isSilent(connection, hub.agenda.now())) return;
  const frame = pushFrame(push, disturbance, state.stream.form.newFields);
  const { channel } = push;
  const { copies, hold, delayMs } = disturbance;
  if (hold !== null) {
    const held = { frame, channel, left: hold.after };
    connection.held.push(held);
    hub.agenda.at(hub.agenda.now() + hold.ms, () => {
      if (connection.held.includes(held)) release(hub, connection, held);
    });
    return;
  }
  for (let i = 0; i <= copies; i++) hub.outbox.send(connection, frame, channel, delayMs);
  for (const held of [...connection.held]) {
    held.left -= 1;
    if (held.left <= 0) release(hub, connection, held);
  }
}

/** Whether a disturbance leaves the connection open; a silence begins here. */
export function survives(hub: HubParts, connection: Connection, { ends, silentMs }: Disturbance): boolean {
  if (silentMs !== null) connection.silentUntil = hub.agenda.now() + silentMs;
  if (ends === null) return true;
  hub.end(connection, ends, 'disturbance');
  return false;
}

function release(hub: HubParts, connection: Connection, held: Connection['held'][number]): void {
  connection.held = connection.held.filter((other) => other !== held);
  hub.outbox.send(connection, held.frame, held.channel, 0);
}
