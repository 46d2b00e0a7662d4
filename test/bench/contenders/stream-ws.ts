import { connectByWebSocket, type StreamSocket } from '../../../lib/mexc/stream/socket.ts';
import { channels, measureStream, streamUrl } from './stream-loop.ts';

// Nothing but the `ws` library, over as many connections as the exchange makes everybody have.
const PER_CONNECTION = 30;
let frames = 0;

for (let first = 0; first < channels.length; first += PER_CONNECTION) {
  const some = channels.slice(first, first + PER_CONNECTION);
  const socket: StreamSocket = connectByWebSocket(streamUrl, {
    onOpen: () => {
      for (const channel of some) socket.send(JSON.stringify({ method: 'SUBSCRIPTION', params: [channel] }));
    },
    onText: () => {},
    onBinary: () => {
      frames += 1;
    },
    onClose: (why) => {
      throw new Error(why);
    },
  });
}

void measureStream({ frames: () => frames, upToDate: () => true, bestBid: () => undefined });
