import { NotConfiguredError } from '../domain/errors.ts';
import { ExchangeError } from '../domain/exchange-errors.ts';
import type { AccountInfo, CallOptions, Clock, Log } from '../domain/ports.ts';
import { dayOf } from '../domain/strategy.ts';
import type { Notes } from '../domain/watch-ports.ts';

/** What a key that is bound to an address has: it does not expire. */
const NEVER_EXPIRES = 999;
/** A key that the exchange refuses has none. */
const REFUSED = 0;
/** From so many days on the owner is told in the log too. */
const WARN_FROM = 14;
/** The exchange has so long to answer, ms: nothing waits for it. */
const TIME = 5_000;
/** What failed is tried again after so long, ms. */
const AGAIN = 3_600_000;

export interface KeyWatch {
  /** Which of the keys. */
  readonly key: 'trade' | 'read';
  readonly account: Pick<AccountInfo, 'keyInfo'>;
  readonly notes: Notes;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
}

/**
 * Asks once a UTC day for how long the key will work (reference section 3). The day is noted, so that a new process does not ask
 * again. Never throws.
 * @returns days, when it was asked: `NEVER_EXPIRES`, or 0 when the exchange refuses the key
 */
export const createKeyCheck = ({ key, account, notes, clock, log }: KeyWatch) => {
  let done: string | undefined;
  let notBefore = 0;
  const name = `key ${key}`;

  const ask = async (options: CallOptions): Promise<number> => {
    try {
      const { remainingDays, addresses, status } = await account.keyInfo(options);
      const days = remainingDays === 'unlimited' ? NEVER_EXPIRES : remainingDays;
      const fields = { key, days: remainingDays, addresses: addresses.length, status };
      if (days > WARN_FROM) log.info('the key was looked at', fields);
      else
        log.warn(
          'the key expires: the button to renew it is there from five days before; one bound to an address never expires',
          fields,
        );
      return days;
    } catch (error) {
      if (!(error instanceof ExchangeError) || error.class !== 'C') throw error;
      log.error('the exchange refuses the key', { key, code: error.code });
      return REFUSED;
    }
  };

  return async ({ deadline }: CallOptions): Promise<number | undefined> => {
    const now = clock.now();
    const today = dayOf(now);
    if (done === today || now < notBefore) return undefined;
    const options = { deadline: Math.min(deadline, now + TIME) };
    try {
      if ((await notes.read(name, options)) === today) {
        done = today;
        return undefined;
      }
      const days = await ask(options);
      // A key that was refused may be replaced at any time.
      if (days === REFUSED) {
        notBefore = now + AGAIN;
        return days;
      }
      await notes.write(name, today, options);
      done = today;
      return days;
    } catch (error) {
      // Set at any moment, and then it is to be looked at.
      if (error instanceof NotConfiguredError) return undefined;
      notBefore = now + AGAIN;
      log.warn('the key could not be looked at', { key, error: String(error) });
    }
    return undefined;
  };
};
