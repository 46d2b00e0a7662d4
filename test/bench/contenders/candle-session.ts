import { createExchangeClock } from '../../../lib/domain/exchange-time.ts';
import { createCaller } from '../../../lib/mexc/caller.ts';
import { createCandleSource } from '../../../lib/mexc/candle-source.ts';
import type { Limiter } from '../../../lib/mexc/limiter.ts';
import { openSession } from '../../../lib/mexc/session.ts';
import { realTimer } from '../../../lib/mexc/transport.ts';
import { systemClock } from '../../../lib/runtime/clock.ts';

/** Every read leaves at once: what is measured is the code, not the exchange's budget. */
const UNLIMITED: Limiter = { take: () => undefined, placing: () => true, pause: () => false };

/** Where candles come from, on the client's own connections. */
export const unlimitedSource = (baseUrl: string) => {
  const exchangeClock = createExchangeClock(systemClock.now);
  const credentials = () => Promise.reject(new Error('candles need no key'));
  const session = openSession({ baseUrl, credentials, clock: systemClock, exchangeClock });
  const parts = { ...session, exchangeClock, random: Math.random, setTimer: realTimer, limiter: UNLIMITED };
  const source = createCandleSource({ ...session, caller: createCaller(parts) }, exchangeClock);
  return { source, close: session.close };
};
