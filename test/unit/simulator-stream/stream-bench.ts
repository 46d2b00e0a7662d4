import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { ExchangeOptions } from '../../../lib/simulator/exchange.ts';
import type { StreamConnection } from '../../../lib/simulator/stream/hub.ts';
import { type Bench, openBench } from '../simulator/simulator-client.ts';
import { type Decoded, decode } from './wire-schema.ts';

export const ORDERS = 'spot@private.orders.v3.api.pb';
export const DEALS = 'spot@private.deals.v3.api.pb';
export const ACCOUNT = 'spot@private.account.v3.api.pb';
export const KLINE = 'spot@public.kline.v3.api.pb@SOLUSDT@Min1';
export const DEPTH = 'spot@public.aggre.depth.v3.api.pb@100ms@SOLUSDT';

export const refusal = (channels: string): string =>
  `Not Subscribed successfully! [${channels}].  Reason： Blocked!`;

/** One connection and everything it heard. */
export type Client = {
  connection: StreamConnection;
  texts: string[];
  binaries: Uint8Array[];
  closed: string | null;
  /** Sends a message as JSON; the answers to it, parsed. */
  ask(message: object): Decoded[];
  /** Subscribes and makes sure of it. */
  subscribe(...channels: string[]): void;
  /** Everything pushed so far, or only on channels that begin like this. */
  pushes(channel?: string): Decoded[];
  /** Digest of every frame in its order. */
  digest(): string;
};

export type StreamBench = Bench & {
  connect(listenKey?: string): Client;
  /** Whether a connection came about. */
  knock(listenKey?: string): boolean;
  listenKey(): Promise<string>;
  /** A connection with a key, on the three private channels. */
  own(): Promise<Client>;
  /** Lets time pass, a PING at least every 20 s from each connection so that none is closed for saying nothing. */
  pass(ms: number): void;
};

export function openStreams(options: Partial<ExchangeOptions> = {}): StreamBench {
  const bench = openBench(options);
  const { exchange, clock } = bench;
  const clients: Client[] = [];
  const tryConnect = (listenKey?: string): Client | null => {
    const all = createHash('sha256');
    const heard = { texts: [] as string[], binaries: [] as Uint8Array[], closed: null as string | null };
    const connection = exchange.stream.connect(
      { listenKey },
      {
        onText(text) {
          heard.texts.push(text);
          all.update(`text ${text}`);
        },
        onBinary(bytes) {
          heard.binaries.push(bytes);
          all.update('binary').update(bytes);
        },
        onClose(how) {
          heard.closed = how;
          all.update(how);
        },
      },
    );
    if (connection === null) return null;
    const ask = (message: object): Decoded[] => {
      const before = heard.texts.length;
      connection.receive(JSON.stringify(message));
      return heard.texts.slice(before).map((text) => JSON.parse(text));
    };
    const client: Client = Object.assign(heard, {
      connection,
      ask,
      subscribe: (...channels: string[]) =>
        assert.deepEqual(ask({ method: 'SUBSCRIPTION', params: channels, id: 1 }), [
          { id: 1, code: 0, msg: channels.join(',') },
        ]),
      pushes: (channel = '') => heard.binaries.map(decode).filter((push) => push.channel.startsWith(channel)),
      digest: () => all.copy().digest('hex'),
    });
    clients.push(client);
    return client;
  };
  const listenKey = async (): Promise<string> =>
    (await bench.signed('POST', '/api/v3/userDataStream')).parsed.listenKey;
  const connect = (key?: string): Client => {
    const client = tryConnect(key);
    assert.ok(client, 'no connection');
    return client;
  };
  return {
    ...bench,
    connect,
    knock: (key) => tryConnect(key) !== null,
    listenKey,
    async own() {
      const client = connect(await listenKey());
      client.subscribe(ORDERS, DEALS, ACCOUNT);
      return client;
    },
    pass(ms) {
      for (let left = ms; left > 0; left -= 20_000) {
        for (const client of clients) client.connection.receive('{"method":"PING"}');
        clock.advance(Math.min(left, 20_000));
      }
    },
  };
}

/** Frames come after the microtask in which a connection opens. */
export const opened = (): Promise<void> => Promise.resolve();
