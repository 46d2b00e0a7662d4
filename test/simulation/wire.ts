import type { Dispatcher } from 'undici';
import type { HttpDispatcher } from '../../lib/mexc/connections.ts';
import type { Exchange } from '../../lib/simulator/exchange.ts';
import type { FaultInput } from '../../lib/simulator/fault-rule.ts';
import type { Chance } from './chance.ts';
import type { Machine } from './machine.ts';
import type { Timeline } from './timeline.ts';

/** What the network does to one request, asked when it is about to leave. */
export type Passage =
  /** No connection comes about: no byte leaves. */
  | 'refused'
  /** ms that the request takes on top, whatever becomes of the process. */
  | {
      readonly delay: number;
      /** ms that the exchange takes to put the order into its book. */
      readonly late?: number | undefined;
    };

export interface WireParts {
  readonly machine: Machine;
  readonly timeline: Timeline;
  readonly exchange: Exchange;
  /** Source address that the exchange sees. */
  readonly address: string;
  readonly chance: Chance;
  readonly passage: (point: string) => Passage | undefined;
  /** Asked when a request reaches the exchange: what it does to this one. */
  readonly atExchange: (point: string) => FaultInput | undefined;
}

type Reply = ReturnType<Exchange['step']>['reply'];
type Handler = Dispatcher.DispatchHandler;

const placing = { method: 'POST', path: '/api/v3/order' };

const failure = (code: string): Error => Object.assign(new Error(code), { code });

/** Method and path of a request: one of the points at which faults happen. */
export const pointOf = (method: string, path: string): string => `${method} ${path.split('?')[0]}`;

/**
 * Carries the bytes of one process to the exchange and back. What has left arrives even when the process is dead by then;
 * the answer reaches it through its gate.
 */
export const createWire = (parts: WireParts): HttpDispatcher => ({
  dispatch: (options, handler) => {
    void carry(parts, options, handler);
    return true;
  },
});

const carry = async (
  { machine, timeline, exchange, address, chance, passage, atExchange }: WireParts,
  options: Dispatcher.DispatchOptions,
  handler: Handler,
): Promise<void> => {
  const point = pointOf(options.method, options.path);
  const passed = passage(point);
  const there = chance.whole(2, 25) + (typeof passed === 'object' ? passed.delay : 0);
  const back = chance.whole(2, 25);
  await machine.gate(`before ${point}`);
  const controller = createController();
  if (passed === 'refused') return handler.onResponseError?.(controller, failure('ECONNREFUSED'));
  handler.onRequestStart?.(controller, {});
  if (controller.aborted) return;
  timeline.at(timeline.now() + there, () => {
    const late = typeof passed === 'object' ? passed.late : undefined;
    const fault: FaultInput | undefined =
      late === undefined ? atExchange(point) : { kind: 'late', ms: late, reply: 'lost', match: placing };
    if (fault) exchange.faults.add({ ...fault, match: { ...fault.match, nth: 1 } });
    const { reply, delayMs, later } = exchange.step({
      method: options.method,
      target: options.path,
      headers: headersOf(options.headers),
      address,
    });
    // Nothing ever comes: the client's own deadline ends it.
    if (delayMs === Number.POSITIVE_INFINITY) return;
    timeline.at(timeline.now() + delayMs + back, () => {
      const said = later?.() ?? reply;
      void machine.gate(`after ${point}`).then(() => answer(handler, controller, said));
    });
  });
};

/** As undici takes them: names and values in turn, or a record. */
const headersOf = (given: Dispatcher.DispatchOptions['headers']): Record<string, string> => {
  const headers: Record<string, string> = {};
  const flat = Array.isArray(given) ? given : Object.entries(given ?? {}).flat();
  for (let at = 0; at < flat.length; at += 2) headers[String(flat[at])] = String(flat[at + 1]);
  return headers;
};

const answer = (handler: Handler, controller: Dispatcher.DispatchController, reply: Reply): void => {
  if (controller.aborted) return;
  if (reply === 'drop') {
    handler.onResponseError?.(controller, failure('UND_ERR_SOCKET'));
    return;
  }
  const headers = Object.fromEntries(
    Object.entries(reply.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  handler.onResponseStart?.(controller, reply.status, headers);
  const body = Buffer.from(reply.body, reply.encoding ?? 'utf8');
  if (body.length > 0) handler.onResponseData?.(controller, body);
  if (reply.announced !== undefined) handler.onResponseError?.(controller, failure('UND_ERR_SOCKET'));
  else handler.onResponseEnd?.(controller, {});
};

const createController = (): Dispatcher.DispatchController => {
  let aborted = false;
  let reason: Error | null = null;
  return {
    get aborted() {
      return aborted;
    },
    get paused() {
      return false;
    },
    get reason() {
      return reason;
    },
    abort: (error: Error) => {
      aborted = true;
      reason = error;
    },
    pause: () => undefined,
    resume: () => undefined,
  };
};
