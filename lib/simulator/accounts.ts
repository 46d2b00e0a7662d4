import * as z from 'zod';
import { DecimalText } from './decimal.ts';

/** The permission names of section 3; `SPOT_ACCOUNT_R` is the docs' other spelling of the first. */
export const Permission = z.enum([
  'SPOT_ACCOUNT_READ',
  'SPOT_ACCOUNT_R',
  'SPOT_ACCOUNT_WRITE',
  'SPOT_DEAL_READ',
  'SPOT_DEAL_WRITE',
]);
export type Permission = z.infer<typeof Permission>;

const ApiKey = z.strictObject({
  /** Shown in the journal in place of the key itself. */
  name: z.string().min(1),
  accessKey: z.string().min(1),
  secretKey: z.string().min(1),
  permissions: z.array(Permission),
  /** Pairs this key may place orders on; null is every pair. */
  symbols: z.array(z.string()).nullable().default(null),
  createTime: z.int().default(0),
  /** Unix milliseconds after which the key stops working; null is a key bound to addresses. */
  expiresAt: z.int().nullable().default(null),
  /** Addresses the key works from, separated by commas; empty is every address. */
  ipWhiteList: z.string().default(''),
  /** Deleted by its owner: the exchange no longer knows it. */
  revoked: z.boolean().default(false),
});
export type ApiKey = z.infer<typeof ApiKey>;

const FeeRates = z.strictObject({ maker: DecimalText, taker: DecimalText });

/** An account as given to `createExchange`. Balances are free amounts per asset. */
export const AccountSetup = z.strictObject({
  uid: z.string().min(1),
  keys: z.array(ApiKey).min(1).max(30),
  balances: z.record(z.string(), DecimalText),
  canTrade: z.boolean().default(true),
  /** Under investigation: whatever changes orders answers 60005. */
  abnormal: z.boolean().default(false),
  /** Fees are paid in MX, as long as there is enough of it. */
  mxDeduct: z.boolean().default(false),
  /** As `kyc/status` tells it: "1" none, "2" primary, "3" advanced, "4" institution. */
  kycStatus: z.enum(['1', '2', '3', '4']).default('2'),
  /** Own fee rates by symbol; otherwise the symbol's default rates apply. */
  fees: z.record(z.string(), FeeRates).default({}),
});
export type AccountSetup = z.input<typeof AccountSetup>;

const Balance = z.strictObject({ free: DecimalText, locked: DecimalText });
export type Balance = z.infer<typeof Balance>;

export const Account = AccountSetup.extend({ balances: z.record(z.string(), Balance) });
export type Account = z.infer<typeof Account>;

/** The default account's keys. Public on purpose: they open nothing but a simulator. */
export const SIMULATOR_KEYS = {
  trade: { accessKey: 'mx0vglSimTradeKey01', secretKey: '5b1d0c5e8f0a4b6d9c3e7a2f4d6b8c01' },
  read: { accessKey: 'mx0vglSimReadKey001', secretKey: 'c7f2a9d84e1b4f05b6a3d2c1e0f98e02' },
} as const;

export const DEFAULT_ACCOUNTS: readonly AccountSetup[] = [
  {
    uid: '10000001',
    keys: [
      {
        name: 'trade',
        ...SIMULATOR_KEYS.trade,
        permissions: ['SPOT_ACCOUNT_READ', 'SPOT_DEAL_READ', 'SPOT_DEAL_WRITE'],
      },
      { name: 'read', ...SIMULATOR_KEYS.read, permissions: ['SPOT_ACCOUNT_READ', 'SPOT_DEAL_READ'] },
    ],
    balances: { USDT: '100000', MX: '1000' },
  },
];
