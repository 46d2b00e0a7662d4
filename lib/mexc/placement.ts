import * as z from 'zod';
import type { OrderRequest, PlacementOutcome, SignedOrder } from '../domain/exchange.ts';
import { FatalError } from '../domain/exchange-errors.ts';
import { DecimalText } from '../domain/money.ts';
import type { CallOptions } from '../domain/ports.ts';
import { type Failure, failureOf, type Judgement, judge } from './answer.ts';
import type { Limiter } from './limiter.ts';
import type { Pauses } from './pauses.ts';
import { type MexcCredentials, type QueryParameters, signedQuery } from './signing.ts';
import type { Transport } from './transport.ts';
import { ORDER_CALL, TEST_ORDER } from './weights.ts';
import { absentable, WireText } from './wire.ts';

const ORDER_PATH = '/api/v3/order';
const TEST_PATH = '/api/v3/order/test';
const MAX_BYTES = 2 ** 20;
const MAX_RECV_WINDOW_MS = 60_000;
const CLIENT_ORDER_ID = /^[A-Za-z0-9_-]{1,32}$/u;

/** The acknowledgement: nothing but that the order exists (reference section 8.2). */
const Acknowledgement = z.object({ orderId: WireText, symbol: absentable(z.string()) });

type Terms = { readonly timestamp: number; readonly recvWindow: number; readonly test: boolean };

export interface Placement {
  signOrder(request: OrderRequest, terms: Terms): Promise<SignedOrder>;
  sendOrder(order: SignedOrder, options: CallOptions): Promise<PlacementOutcome>;
}

const optional = (name: string, value: string | undefined): QueryParameters =>
  value === undefined ? [] : [[name, value]];

/** Why a request must not be signed: the exchange would refuse it, or could not be asked about it later. */
const problemOf = (request: OrderRequest, terms: Terms): string | undefined => {
  if (!CLIENT_ORDER_ID.test(request.clientOrderId)) return 'clientOrderId is not 1 to 32 of A-Z a-z 0-9 _ -';
  const amounts = [request.quantity, request.quoteQuantity, request.price];
  if (amounts.some((text) => text !== undefined && !DecimalText.safeParse(text).success)) {
    return 'an amount is not plain decimal text';
  }
  if (!Number.isSafeInteger(terms.timestamp)) return 'timestamp is not a whole number of milliseconds';
  if (
    !Number.isSafeInteger(terms.recvWindow) ||
    terms.recvWindow < 1 ||
    terms.recvWindow > MAX_RECV_WINDOW_MS
  ) {
    return `recvWindow is not 1 to ${MAX_RECV_WINDOW_MS} ms`;
  }
  return undefined;
};

const unknown = ({ code, message }: Pick<Failure, 'code' | 'message'>): PlacementOutcome => ({
  kind: 'unknown',
  code,
  message,
});

const refusal = (failure: Failure): PlacementOutcome => {
  const { class: letter, code, message, status = 0 } = failure;
  // Whatever a server error says: something behind the one that answers may have executed the order.
  if (status >= 500) return unknown(failure);
  if (letter === 'T') {
    return {
      kind: 'not-executed',
      code,
      message,
      ...(failure.clock ? { clock: true } : {}),
    };
  }
  // Only a code that the exchange documents refuses for good; a bare HTTP status may come from something in between.
  if (letter === 'U' || letter === 'N' || !failure.byCode) return unknown(failure);
  return { kind: 'refused', class: letter, code, message };
};

const outcomeOf = (order: SignedOrder, asked: string | undefined, judged: Judgement): PlacementOutcome => {
  if (!judged.ok) return refusal(judged.failure);
  const { data } = judged;
  if (order.test) {
    if (typeof data === 'object' && data !== null && !Array.isArray(data)) return { kind: 'tested' };
    return unknown({ code: 'unreadable', message: 'The answer to the test order could not be read.' });
  }
  const parsed = Acknowledgement.safeParse(data);
  if (!parsed.success) return unknown({ code: 'unreadable', message: 'The answer names no order.' });
  const { orderId, symbol } = parsed.data;
  if (symbol !== undefined && asked !== undefined && symbol !== asked) {
    return unknown({ code: 'mismatch', message: 'The answer is about another symbol.' });
  }
  return { kind: 'acknowledged', exchangeOrderId: orderId };
};

/** Signing and sending of orders: one attempt is one byte string, sent at most once (order protocol, sections 1, 5). */
export const createPlacement = ({
  transport,
  limiter,
  pauses,
  credentials,
}: {
  readonly transport: Transport;
  readonly limiter: Pick<Limiter, 'placing'>;
  readonly pauses: Pauses;
  readonly credentials: () => Promise<MexcCredentials>;
}): Placement => {
  // The key that signed goes out with the signature, also when the secret was rotated in between.
  const signedWith = new WeakMap<SignedOrder, { readonly keys: MexcCredentials; readonly symbol: string }>();

  return {
    signOrder: async (request, terms) => {
      const problem = problemOf(request, terms);
      if (problem !== undefined)
        throw new FatalError('invalid_request', `The order was not signed: ${problem}.`);
      const keys = await credentials();
      const parameters: QueryParameters = [
        ['symbol', request.symbol],
        ['side', request.side === 'buy' ? 'BUY' : 'SELL'],
        ['type', request.type],
        ...optional('quantity', request.quantity),
        ...optional('quoteOrderQty', request.quoteQuantity),
        ...optional('price', request.price),
        ['newClientOrderId', request.clientOrderId],
        ['recvWindow', String(terms.recvWindow)],
        ['timestamp', String(terms.timestamp)],
      ];
      const path = terms.test ? TEST_PATH : ORDER_PATH;
      const target = `${path}?${signedQuery(parameters, keys.secretKey)}`;
      const order: SignedOrder = { clientOrderId: request.clientOrderId, test: terms.test, target };
      signedWith.set(order, { keys, symbol: request.symbol });
      return order;
    },

    sendOrder: async (order, { deadline }) => {
      let handedOver = false;
      try {
        const signed = signedWith.get(order);
        const keys = signed?.keys ?? (await credentials());
        if (!limiter.placing(order.test ? TEST_ORDER : ORDER_CALL))
          return { kind: 'unsent', reason: 'paused' };
        handedOver = true;
        const result = await transport.send({
          method: 'POST',
          target: order.target,
          accessKey: keys.accessKey,
          deadline,
          maxBytes: MAX_BYTES,
        });
        if (result.kind === 'answer') {
          const judged = judge(result, [keys.accessKey, keys.secretKey]);
          return outcomeOf(order, signed?.symbol, await pauses.heed(result, judged, { deadline }));
        }
        return result.kind === 'unsent'
          ? { kind: 'unsent', reason: result.detail }
          : unknown(failureOf(result));
      } catch {
        if (!handedOver) return { kind: 'unsent', reason: 'no_credentials' };
        return unknown({ code: 'internal', message: 'The client failed after the request may have left.' });
      }
    },
  };
};
