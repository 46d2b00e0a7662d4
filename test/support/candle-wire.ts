import type { Dispatcher } from 'undici';
import type { HttpDispatcher } from '../../lib/mexc/connections.ts';
import type { Exchange } from '../../lib/simulator/exchange.ts';
import type { Machine } from '../simulation/machine.ts';
import type { Timeline } from '../simulation/timeline.ts';

/** Time on the way, each way, ms. */
const WAY = 10;

const lost = (): Error => Object.assign(new Error('lost'), { code: 'UND_ERR_SOCKET' });

/** Carries the public reads of one process to an exchange in process, and back. */
export const candleWire = (machine: Machine, timeline: Timeline, exchange: Exchange): HttpDispatcher => ({
  dispatch: (options, handler) => {
    const controller = newController();
    handler.onRequestStart?.(controller, {});
    if (!controller.aborted)
      timeline.at(timeline.now() + WAY, () => {
        const target = options.path;
        const { reply, delayMs } = exchange.step({ method: 'GET', target, headers: {}, address: '10.0.0.1' });
        if (delayMs === Number.POSITIVE_INFINITY) return;
        const back = timeline.now() + delayMs + WAY;
        timeline.at(back, () => machine.deliver(() => answer(handler, controller, reply)));
      });
    return true;
  },
});

type Reply = ReturnType<Exchange['step']>['reply'];

const answer = (
  handler: Dispatcher.DispatchHandler,
  controller: Dispatcher.DispatchController,
  reply: Reply,
): void => {
  if (controller.aborted) return;
  if (reply === 'drop') {
    handler.onResponseError?.(controller, lost());
    return;
  }
  const headers = Object.entries(reply.headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  handler.onResponseStart?.(controller, reply.status, Object.fromEntries(headers));
  handler.onResponseData?.(controller, Buffer.from(reply.body, reply.encoding ?? 'utf8'));
  if (reply.announced === undefined) handler.onResponseEnd?.(controller, {});
  else handler.onResponseError?.(controller, lost());
};

const newController = (): Dispatcher.DispatchController => {
  let reason: Error | null = null;
  return {
    get aborted() {
      return reason !== null;
    },
    get paused() {
      return false;
    },
    get reason() {
      return reason;
    },
    abort: (error: Error) => {
      reason = error;
    },
    pause: () => undefined,
    resume: () => undefined,
  };
};
