import { once } from 'node:events';
import { createServer } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import { channelsOf } from './stream-channels.ts';
import { type Recorded, recordMarket, recordPrices } from './stream-recording.ts';

// A stream as cheap as it can be, in a process of its own: it acknowledges whatever is subscribed, and once everything of its
// recording is, it replays that when it is told to, as fast as it is taken. Arguments: `market` or `prices`, and of how many symbols.
const [kind = '', count = ''] = process.argv.slice(2);
const isMarket = kind === 'market';
const recording = isMarket ? recordMarket(Number(count)) : recordPrices(Number(count));
const channels = channelsOf(isMarket ? 'market' : 'prices', Number(count));

/** Bytes of a connection that may wait to be sent. */
const MOST_WAITING = 2 ** 18;

const readers = new Map<string, WebSocket>();
let isOpened = false;

const push = ({ channel, bytes }: Recorded): void => readers.get(channel)?.send(bytes);

const isFull = (): boolean =>
  [...new Set(readers.values())].some((socket) => socket.bufferedAmount > MOST_WAITING);

const replay = async (frames: number): Promise<void> => {
  const recorded = Array.from({ length: frames }, () => recording.next());
  for (const [n, one] of recorded.entries()) {
    push(one);
    if (n % 64 === 0) while (isFull()) await new Promise((resolve) => setTimeout(resolve, 1));
  }
};

const subscribe = (socket: WebSocket, { id = 0, params }: { id?: number; params: string[] }): void => {
  for (const channel of params) readers.set(channel, socket);
  socket.send(JSON.stringify({ id, code: 0, msg: params.join(',') }));
  if (isOpened || !channels.every((channel) => readers.has(channel))) return;
  isOpened = true;
  recording.opening.forEach(push);
};

const answer = (target: URL): { readonly status: number; readonly body: object } => {
  const symbol = target.searchParams.get('symbol') ?? '';
  if (target.pathname === '/api/v3/depth') return { status: 200, body: recording.snapshot(symbol) };
  if (target.pathname === '/best') return { status: 200, body: { price: recording.bestBid(symbol) } };
  if (target.pathname === '/replay') {
    if (!isOpened) return { status: 409, body: {} };
    void replay(Number(target.searchParams.get('frames')));
    return { status: 200, body: {} };
  }
  return { status: 404, body: { code: 404, msg: 'not served here' } };
};

const server = createServer((request, response) => {
  const { status, body } = answer(new URL(request.url ?? '/', 'http://exchange'));
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
});
new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket) => {
  socket.on('error', () => {});
  socket.on('message', (data) => {
    const message = JSON.parse(String(data));
    if (message.method === 'SUBSCRIPTION') subscribe(socket, message);
    else socket.send(JSON.stringify({ id: 0, code: 0, msg: 'PONG' }));
  });
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const address = server.address();
if (address !== null && typeof address === 'object') console.log(`http://127.0.0.1:${address.port}`);
// Whoever started it ends it by closing its standard input.
process.stdin.on('end', () => process.exit()).resume();
