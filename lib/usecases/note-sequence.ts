import { StoreUnavailableError } from '../domain/errors.ts';
import type { CallOptions } from '../domain/ports.ts';
import { oddSequence } from '../domain/sequence.ts';
import type { Trading } from './trading.ts';

/**
 * Takes down the sequence number of an alert that was stored just now, and reports one that is missing, repeated or late.
 * A store that does not answer loses the note, never the alert.
 */
export const noteSequence = async (
  { id, strategy, sequence }: { readonly id: string; readonly strategy: string; readonly sequence?: number },
  { ledger, log }: Pick<Trading, 'ledger' | 'log'>,
  options: CallOptions,
): Promise<void> => {
  if (sequence === undefined) return;
  try {
    const { last } = await ledger.noteSequence(strategy, sequence, options);
    const odd = oddSequence(sequence, last);
    if (odd !== undefined)
      log.warn('a sequence number is not the next one', { order: id, strategy, sequence, last });
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    log.warn('a sequence number could not be taken down', { order: id, strategy, sequence });
  }
};
