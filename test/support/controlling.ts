import { estimateFrom, type TimeEstimate } from '../../lib/domain/exchange-time.ts';
import type { Clock } from '../../lib/domain/ports.ts';
import { createBalances } from '../../lib/dynamo/balances.ts';
import { createLedger } from '../../lib/dynamo/ledger.ts';
import { createModes } from '../../lib/dynamo/modes.ts';
import type { Controlling } from '../../lib/usecases/controlling.ts';
import { type ControlAnswer, putControl } from '../../lib/usecases/put-control.ts';
import { settings } from './builders.ts';
import { newToken } from './contract-domain.ts';
import type { Process } from './contract-store.ts';

export const ADMIN_TOKEN = 'admin-token-of-the-test';

/** What the control function is built of, on a store and a clock of the test's; the exchange's clock is the same one. */
export const controlOn = (
  { dynamo }: Process,
  clock: Clock,
  own: Partial<Controlling> = {},
): Controlling => ({
  clock,
  ledger: createLedger({ ...dynamo, clock }),
  modes: createModes({ ...dynamo, clock }),
  balances: createBalances({ ...dynamo, clock }, { balances: 'Balances', profit: 'Profit' }),
  measureTime: async () => exactly(clock.now()),
  startRun: async () => {},
  configured: [],
  withToken: async () => [],
  settingsOf: () => settings(),
  log: { info: () => {}, warn: () => {}, error: () => {} },
  nonce: newToken,
  ...own,
});

const exactly = (now: number): TimeEstimate =>
  estimateFrom({ serverTime: now, sentAt: now, receivedAt: now });

/** `PUT /control` with this body. */
export const put = (control: Controlling, body: unknown): Promise<ControlAnswer> =>
  putControl(
    {
      contentType: 'application/json',
      body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
      secrets: [ADMIN_TOKEN],
    },
    control,
    { deadline: control.clock.now() + 25_000 },
  );
