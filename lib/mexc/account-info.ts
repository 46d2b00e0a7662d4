import * as z from 'zod';
import type { KeyInfo, TradeFee } from '../domain/exchange.ts';
import type { AccountInfo } from '../domain/ports.ts';
import { signedGet } from './calls.ts';
import type { MexcSession } from './session.ts';
import { absentable, readWire, WireDecimal, WireText } from './wire.ts';

/** Days that mean that a key does not expire (reference section 3). */
const UNLIMITED = '-999';

/** Section 8.8: JSON numbers with many zeros, read as they are written. */
const Fee = z
  .object({ makerCommission: WireDecimal, takerCommission: WireDecimal })
  .transform((row): TradeFee => ({ maker: row.makerCommission, taker: row.takerCommission }));

/** A list as one text with commas, or as a list. */
const Words = z
  .union([z.string(), z.array(z.string())])
  .transform((words) => [words].flat().flatMap((word) => word.split(',')))
  .transform((words) => words.map((word) => word.trim()).filter((word) => word !== ''));

/** Section 3. */
const Key = z
  .object({
    permissions: Words,
    remainingValidity: WireDecimal.refine((days) => /^-?\d{1,9}$/u.test(days)),
    ipWhiteList: absentable(Words),
    status: WireText,
  })
  .transform(
    (row): KeyInfo => ({
      permissions: row.permissions,
      remainingDays: row.remainingValidity === UNLIMITED ? 'unlimited' : Number(row.remainingValidity),
      addresses: row.ipWhiteList ?? [],
      status: row.status,
    }),
  );

/** Commission and key (reference sections 3 and 8.8) over connections and budget that others share. */
export const createAccountInfo = ({ caller }: Pick<MexcSession, 'caller'>): AccountInfo => ({
  tradeFee: async (symbol, options) => {
    const call = signedGet('/api/v3/tradeFee', [['symbol', symbol]], 'listing');
    return readWire(Fee, (await caller.read(call, options)).data, 'tradeFee');
  },

  keyInfo: async (options) => {
    const call = signedGet('/api/v3/apiKeyInfo', ({ accessKey }) => [['accessKey', accessKey]], 'listing');
    return readWire(Key, (await caller.read(call, options)).data, 'apiKeyInfo');
  },
});
