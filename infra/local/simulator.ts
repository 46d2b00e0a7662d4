import { join } from 'node:path';
import { systemClock } from '../../lib/simulator/clock.ts';
import { createExchange } from '../../lib/simulator/exchange.ts';
import { listen } from '../../lib/simulator/server.ts';
import type { LocalSettings } from './settings.ts';

export interface ExchangeInUse {
  readonly restUrl: string;
  /** Undefined: what the template says. */
  readonly wsUrl: string | undefined;
  /** Undefined: another exchange than the simulator. */
  readonly controlUrl: string | undefined;
  close(): Promise<void>;
}

/** The exchange of the settings, or the built-in one, which keeps its state beside the ledger so that both agree. */
export const openExchange = async ({ restUrl, wsUrl, dataDir }: LocalSettings): Promise<ExchangeInUse> => {
  if (restUrl) return { restUrl, wsUrl, controlUrl: undefined, close: async () => {} };
  const exchange = createExchange({ seed: 'local', clock: systemClock });
  const { url, close } = await listen(exchange, {
    stateFile: join(dataDir, 'simulator.jsonl'),
    control: true,
  });
  return {
    restUrl: url,
    wsUrl: wsUrl ?? `${url.replace('http', 'ws')}/ws`,
    controlUrl: `${url}/_simulator`,
    close,
  };
};
