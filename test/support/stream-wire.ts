import type { Connect } from '../../lib/mexc/stream/socket.ts';
import type { Exchange } from '../../lib/simulator/exchange.ts';
import type { StreamConnection } from '../../lib/simulator/stream/hub.ts';
import { listenKeyIn } from './stream-peer.ts';
import type { VirtualTimeline } from './virtual-timeline.ts';

/** One way, ms. */
const LATENCY = 4;

/** Connections of one process to the stream of a simulator that runs in the same time. */
export interface StreamWire {
  readonly connect: Connect;
  /** The process is gone: the exchange sees all its connections end. */
  cut(): void;
}

/** @param time of the process: what it has put off does not happen once it is dead */
export const streamWire = (
  market: Pick<Exchange, 'stream'>,
  time: Pick<VirtualTimeline, 'now' | 'at'>,
): StreamWire => {
  const open = new Set<StreamConnection>();
  const connect: Connect = (url, on) => {
    let isOver = false;
    let connection: StreamConnection | null = null;
    const later = (run: () => void): void => time.at(time.now() + LATENCY, run);
    const heard = (run: () => void): void =>
      later(() => {
        if (!isOver) run();
      });
    const ended = (why: string): void =>
      heard(() => {
        isOver = true;
        on.onClose(why);
      });
    const listenKey = listenKeyIn(url);
    heard(() => {
      const opened = market.stream.connect(listenKey === undefined ? {} : { listenKey }, {
        onText: (text) => heard(() => on.onText(text)),
        onBinary: (bytes) => heard(() => on.onBinary(bytes)),
        onClose: (how) => {
          if (opened) open.delete(opened);
          ended(`closed by the exchange: ${how}`);
        },
      });
      if (!opened) return ended('no handshake');
      connection = opened;
      open.add(opened);
      heard(on.onOpen);
    });
    return {
      send: (text) => later(() => connection?.receive(text)),
      close: () => {
        isOver = true;
        later(() => {
          if (!connection) return;
          open.delete(connection);
          connection.close();
        });
      },
    };
  };
  return {
    connect,
    cut: () => {
      for (const connection of open) connection.close();
      open.clear();
    },
  };
};
