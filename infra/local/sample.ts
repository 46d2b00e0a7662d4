import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import type { LocalSettings } from './settings.ts';
import type { LocalStack } from './start-stack.ts';

const PATIENCE_MILLISECONDS = 30_000;
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

type ReadApi = Pick<LocalStack, 'url' | 'readToken'>;

const Order = z.looseObject({
  id: z.string(),
  state: z.string(),
  symbol: z.string(),
  filledQuantity: z.string().optional(),
  filledQuote: z.string().optional(),
  reason: z.string().optional(),
  code: z.union([z.string(), z.number()]).optional(),
  history: z
    .array(z.looseObject({ at: z.string(), state: z.string(), detail: z.unknown().optional() }))
    .default([]),
});
type Order = z.infer<typeof Order>;

/** States that nothing follows. */
const TERMINAL = new Set([
  'filled',
  'canceled',
  'partially_canceled',
  'rejected',
  'refused',
  'skipped',
  'expired',
  'absent',
  'tested',
  'done',
]);

/** Whether the ledger has no order yet, so that this is a first start. */
export const isFirstStart = async ({ url, readToken }: ReadApi): Promise<boolean> => {
  const response = await fetch(`${url}/orders?limit=1`, {
    headers: { authorization: `Bearer ${readToken}` },
  });
  const text = await response.text();
  const page = z
    .looseObject({ orders: z.array(z.unknown()) })
    .safeParse(response.ok ? JSON.parse(text) : undefined);
  return page.success && page.data.orders.length === 0;
};

export interface SampleResult {
  readonly filled: boolean;
  /** Why not, in a sentence; what it came to otherwise. */
  readonly words: string;
}

/**
 * Sends one alert, as a charting tool would, and shows its order's life. Against an exchange that is not on this
 * machine it is a test order: nobody's first start buys coins unasked.
 */
export const sendSample = async (
  stack: ReadApi & { readonly exchange: Pick<LocalStack['exchange'], 'restUrl'> },
  { webhookTokens }: Pick<LocalSettings, 'webhookTokens'>,
  say: (line: string) => void,
): Promise<SampleResult> => {
  const [strategy = '', tokens = []] = Object.entries(webhookTokens)[0] ?? [];
  const token = [tokens].flat()[0];
  const isTest = !LOOPBACK.test(new URL(stack.exchange.restUrl).hostname);
  const alert = {
    strategy,
    time: new Date().toISOString(),
    id: `sample-${Date.now()}`,
    symbol: 'SOLUSDT',
    action: 'buy',
    quoteQuantity: '10',
    ...(isTest && { test: true }),
  };
  if (isTest)
    say(
      `The exchange ${stack.exchange.restUrl} is not on this machine: the sample goes to its test endpoint and buys nothing.`,
    );
  say(`sample alert  ${JSON.stringify(alert)}`);
  const response = await fetch(`${stack.url}/webhook`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token, ...alert }),
  });
  const text = await response.text();
  const order = readOrder(text);
  if (!order)
    return { filled: false, words: `The webhook answered ${response.status}: ${text.slice(0, 500)}` };
  say(`answered      ${response.status} ${order.state}, order ${order.id}`);

  const last = await follow(stack, order, say);
  const wanted = isTest ? 'tested' : 'filled';
  if (last.state === wanted)
    return {
      filled: true,
      words: `${wanted}: ${last.filledQuantity ?? '0'} ${last.symbol} for ${last.filledQuote ?? '0'}`,
    };
  const why = [last.code, last.reason].filter((part) => part !== undefined).join(' ');
  const words = TERMINAL.has(last.state)
    ? `ended ${last.state}`
    : `was still ${last.state} after ${PATIENCE_MILLISECONDS / 1000} s`;
  return { filled: false, words: `The sample order ${words}${why ? ` (${why})` : ''}.` };
};

/** Prints each step of the order's history once, until nothing more follows or patience ends. */
const follow = async (
  { url, readToken }: ReadApi,
  first: Order,
  say: (line: string) => void,
): Promise<Order> => {
  const deadline = Date.now() + PATIENCE_MILLISECONDS;
  let order = first;
  let shown = 0;
  while (true) {
    const response = await fetch(`${url}/orders/${first.id}`, {
      headers: { authorization: `Bearer ${readToken}` },
    });
    order = readOrder(await response.text()) ?? order;
    for (const { at, state, detail } of order.history.slice(shown)) {
      say(
        `  ${at}  ${state}${detail === undefined ? '' : `  ${typeof detail === 'string' ? detail : JSON.stringify(detail)}`}`,
      );
    }
    shown = Math.max(shown, order.history.length);
    if (TERMINAL.has(order.state) || Date.now() > deadline) return order;
    await wait(200);
  }
};

const readOrder = (text: string): Order | undefined => {
  try {
    return Order.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
};
