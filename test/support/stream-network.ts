import type { Connect } from '../../lib/mexc/stream/socket.ts';
import { answerTo, listenKeyIn, type Peer, type Script } from './stream-peer.ts';
import type { VirtualTimeline } from './virtual-timeline.ts';

/** One way, ms. */
const LATENCY_MS = 5;

/** A network in virtual time, at whose other end a test plays the exchange. */
export const streamNetwork = (timeline: VirtualTimeline, script: Script = {}) => {
  /** Every connection that was ever opened, in order. */
  const peers: Peer[] = [];
  const tries: number[] = [];
  /** When each message came to the exchange, over all connections. */
  const messagesAt: number[] = [];

  const connect: Connect = (url, on) => {
    tries.push(timeline.now());
    const received: string[] = [];
    let isOpen = false;
    let isOver = false;
    const later = (run: () => void) =>
      timeline.setTimer(LATENCY_MS, () => {
        if (!isOver) run();
      });
    const peer: Peer = {
      listenKey: listenKeyIn(url),
      subscribed: new Set(),
      received,
      get isOpen() {
        return isOpen;
      },
      text: (text) => void later(() => on.onText(text)),
      frame: (bytes) => void later(() => on.onBinary(bytes)),
      drop: () => {
        isOpen = false;
        later(() => {
          isOver = true;
          on.onClose('closed with 1006');
        });
      },
    };
    later(() => {
      if (script.admits?.() === false) {
        isOver = true;
        return on.onClose('ECONNREFUSED');
      }
      peers.push(peer);
      isOpen = true;
      on.onOpen();
      script.opened?.(peer);
    });
    return {
      send: (text) =>
        void later(() => {
          if (!isOpen) return;
          messagesAt.push(timeline.now());
          received.push(text);
          answerTo(peer, text, script);
        }),
      close: () => {
        isOver = true;
        isOpen = false;
      },
    };
  };
  return {
    connect,
    peers,
    tries,
    messagesAt,
    /** Those that are open now. */
    open: () => peers.filter((peer) => peer.isOpen),
    /** The open connections that have this channel. */
    having: (channel: string) => peers.filter((peer) => peer.isOpen && peer.subscribed.has(channel)),
  };
};
