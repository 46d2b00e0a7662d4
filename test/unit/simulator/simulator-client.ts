import { createHmac } from 'node:crypto';
import {
  createExchange,
  type Exchange,
  type ExchangeOptions,
  type ManualClock,
  manualClock,
  type Outcome,
  SIMULATOR_KEYS,
} from '../../../lib/simulator/exchange.ts';

export const START = 1_790_000_000_123;

export type Bench = {
  clock: ManualClock;
  exchange: Exchange;
  /** A signed request as the trade key would send it; `parsed` is the JSON body. */
  signed(method: string, path: string, params?: Record<string, string>, key?: Key): Promise<Parsed>;
  /** The same without waiting for anything. */
  step(method: string, path: string, params?: Record<string, string>): Outcome;
  /** POST /api/v3/order. */
  order(params: Record<string, string>): Promise<Parsed>;
  get(target: string): Promise<Parsed>;
  balances(): Promise<Record<string, { free: string; locked: string }>>;
};
type Key = { accessKey: string; secretKey: string };
// biome-ignore lint/suspicious/noExplicitAny: answers are asserted field by field
export type Parsed = { status: number; lost: boolean; text: string; parsed: any };

export function encode(params: Record<string, string>): string {
  return Object.entries(params)
    .map(([name, value]) => {
      const text = encodeURIComponent(value).replace(
        /[!'()*]/g,
        (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
      );
      return `${name}=${text}`;
    })
    .join('&');
}

export function hmac(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('hex');
}

export function signedTarget(
  path: string,
  params: Record<string, string>,
  at: number,
  key: Key = SIMULATOR_KEYS.trade,
) {
  const query = encode({ ...params, timestamp: String(at) });
  return `${path}?${query}&signature=${hmac(key.secretKey, query)}`;
}

export function openBench(options: Partial<ExchangeOptions> = {}): Bench {
  const clock = manualClock(START);
  const exchange = createExchange({ seed: 'bench', clock, limits: 'off', ...options });
  const send = async (method: string, target: string, headers: Record<string, string>): Promise<Parsed> => {
    const reply = await exchange.handle({ method, target, headers });
    if (reply === 'drop') return { status: 0, lost: true, text: '', parsed: null };
    let parsed: unknown = null;
    try {
      parsed = JSON.parse(reply.body);
    } catch {}
    return { status: reply.status, lost: false, text: reply.body, parsed };
  };
  const signed: Bench['signed'] = (method, path, params = {}, key = SIMULATOR_KEYS.trade) =>
    send(method, signedTarget(path, params, clock.now(), key), {
      'x-mexc-apikey': key.accessKey,
      'content-type': 'application/json',
    });
  return {
    clock,
    exchange,
    signed,
    step: (method, path, params = {}) =>
      exchange.step({
        method,
        target: signedTarget(path, params, clock.now()),
        headers: { 'x-mexc-apikey': SIMULATOR_KEYS.trade.accessKey, 'content-type': 'application/json' },
      }),
    order: (params) => signed('POST', '/api/v3/order', params),
    get: (target) => send('GET', target, {}),
    async balances() {
      const { parsed } = await signed('GET', '/api/v3/account');
      return Object.fromEntries(
        parsed.balances.map((row: { asset: string; free: string; locked: string }) => [
          row.asset,
          { free: row.free, locked: row.locked },
        ]),
      );
    },
  };
}

export const BUY = { symbol: 'SOLUSDT', side: 'BUY', type: 'LIMIT', quantity: '1', price: '140.00' } as const;
