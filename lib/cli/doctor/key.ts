import type { KeyInfo } from '../../domain/exchange.ts';
import type { AccountInfo, CallOptions } from '../../domain/ports.ts';
import { type Verdict, verdictOf } from './verdict.ts';

/** What a key is for. */
export type KeyKind = 'trade' | 'read';

/** Permission names of reference section 3, each with its other spellings. */
const NEEDED: Readonly<Record<KeyKind, readonly (readonly string[])[]>> = {
  trade: [
    ['SPOT_ACCOUNT_READ', 'SPOT_ACCOUNT_R'],
    ['SPOT_DEAL_READ', 'SPOT_DEAL_R'],
    ['SPOT_DEAL_WRITE', 'SPOT_DEAL_W'],
  ],
  read: [
    ['SPOT_ACCOUNT_READ', 'SPOT_ACCOUNT_R'],
    ['SPOT_DEAL_READ', 'SPOT_DEAL_R'],
  ],
};
const PLACES_ORDERS = /DEAL_(WRITE|W)$/;
/** Money could leave the account with it. Reading of past withdrawals is harmless. */
const MOVES_MONEY = /(WITHDRAW|TRANSFER)(?!.*_(READ|R)$)/;

/** MEXC shows its button for renewal so many days before the end (reference section 3). */
const LAST_DAYS = 5;
const HEADS_UP_DAYS = 14;

/** Asks the exchange about a key and judges what it says. */
export const checkKey = async (
  kind: KeyKind,
  { keyInfo }: Pick<AccountInfo, 'keyInfo'>,
  options: CallOptions,
): Promise<Verdict[]> => {
  try {
    return judgeKey(kind, await keyInfo(options));
  } catch (error) {
    return [verdictOf(error, `${kind} key`)];
  }
};

/** Everything that is worth saying about a key that works; the first one says what it is. */
const judgeKey = (kind: KeyKind, info: KeyInfo): Verdict[] => {
  const about = `${kind} key`;
  const { permissions, addresses, remainingDays, status } = info;
  const rights = permissions.map((name) => name.toUpperCase());
  const missing = NEEDED[kind].filter((names) => !names.some((name) => rights.includes(name)));
  const money = rights.filter((name) => MOVES_MONEY.test(name));
  const bound = addresses.length === 0 ? 'bound to no address' : `bound to ${addresses.join(', ')}`;
  const life = remainingDays === 'unlimited' ? 'does not expire' : `${remainingDays} days left`;
  const verdicts: Verdict[] = [
    {
      verdict: 'key',
      level: 'ok',
      about,
      message: `Works: ${rights.join(', ') || 'no rights'}; ${bound}; ${life}.`,
      data: { permissions: rights, addresses, remainingDays },
    },
  ];
  if (status.toUpperCase() !== 'VALID')
    verdicts.push({
      verdict: 'key_not_valid',
      level: 'wrong',
      about,
      message: `The exchange calls the key ${status}.`,
      advice: 'See API management on mexc.com.',
    });
  if (missing.length > 0)
    verdicts.push({
      verdict: 'right_missing',
      level: 'wrong',
      about,
      message: `The key lacks ${missing.map(([name]) => name).join(' and ')}.`,
      advice: 'Give it this right on mexc.com (API management), and no other.',
      data: { missing: missing.map(([name]) => name) },
    });
  if (money.length > 0)
    verdicts.push({
      verdict: 'withdraw_right',
      level: 'warn',
      about,
      message: `With this key money can leave the account (${money.join(', ')}).`,
      advice: 'Never give a trading program this right: take it away on mexc.com, or make a new key.',
      data: { rights: money },
    });
  if (kind === 'read' && rights.some((name) => PLACES_ORDERS.test(name)))
    verdicts.push({
      verdict: 'right_too_many',
      level: 'warn',
      about,
      message: 'The key for reading may also place orders.',
      advice: 'Make a key that may only read: what reads needs no more.',
    });
  if (remainingDays !== 'unlimited' && remainingDays <= HEADS_UP_DAYS)
    verdicts.push({
      verdict: 'key_expiring',
      level: remainingDays <= LAST_DAYS ? 'wrong' : 'warn',
      about,
      message: `The key stops working in ${remainingDays} days.`,
      advice: `MEXC's button for renewal appears ${LAST_DAYS} days before. A key that is bound to an address does not expire.`,
      data: { days: remainingDays },
    });
  return verdicts;
};
