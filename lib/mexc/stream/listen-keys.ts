import * as z from 'zod';
import { ExchangeError } from '../../domain/exchange-errors.ts';
import type { CallOptions } from '../../domain/ports.ts';
import { errorOf } from '../answer.ts';
import type { Call } from '../calls.ts';
import { redact } from '../redact.ts';
import type { MexcSession } from '../session.ts';
import type { QueryParameters } from '../signing.ts';
import { absentable, readWire, WireInteger, WireText } from '../wire.ts';

/**
 * Keys of the private stream (reference section 11.6). Whoever has one reads the account, so they are secrets: in no log, no
 * error, no address that is logged. Each call throws an `ExchangeError` of one class.
 */
export interface ListenKeys {
  /** A new key, good for 60 minutes. When there are too many, one that is not from here gives way. */
  create(options: CallOptions): Promise<string>;
  /** Good for 60 minutes from now. */
  extend(key: string, options: CallOptions): Promise<void>;
  remove(key: string, options: CallOptions): Promise<void>;
  /** All keys of the account, from wherever. */
  list(options: CallOptions): Promise<ListenKeyList>;
}

interface ListenKeyList {
  readonly keys: readonly string[];
  /** How many more there may be. */
  readonly available: number;
}

/** Reference section 11.6. */
const MOST_KEYS = 60;

const One = z.object({ listenKey: WireText });

const List = z
  .object({
    listenKey: absentable(z.union([z.array(WireText), WireText.transform((key) => [key])])),
    total: absentable(WireInteger),
    available: absentable(WireInteger),
  })
  .transform((row): ListenKeyList => {
    const keys = row.listenKey ?? [];
    const most = row.total ?? MOST_KEYS;
    return { keys, available: row.available ?? Math.max(0, most - keys.length) };
  });

/** Weight about 1, not documented (section 8.1). */
const call = (method: Call['method'], parameters: QueryParameters): Call => ({
  method,
  path: '/api/v3/userDataStream',
  parameters,
  signed: true,
  need: { kind: 'read', weight: 1, calls: 1 },
  priority: 'listing',
});

/** An error that does not quote the key, whatever the exchange wrote. */
const without = (key: string, error: unknown): unknown => {
  if (!(error instanceof ExchangeError) || !error.message.includes(key)) return error;
  const { class: letter, code, retryable, status, retryAfterMs } = error;
  return errorOf({
    class: letter,
    code,
    message: redact(error.message, [key]),
    byCode: false,
    retryable,
    ...(status === undefined ? {} : { status }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
};

/** The exchange answered, and not about its budget, its clock, or who asks. */
const maybeTooMany = (error: unknown): boolean =>
  error instanceof ExchangeError && error.status !== undefined && error.class !== 'T' && error.class !== 'C';

/** Listen keys over connections and budget that others share. */
export const createListenKeys = ({ caller }: Pick<MexcSession, 'caller'>): ListenKeys => {
  const own = new Set<string>();

  const about = async (method: 'PUT' | 'DELETE', key: string, options: CallOptions): Promise<void> => {
    try {
      const { data } = await caller.read(call(method, [['listenKey', key]]), options);
      readWire(One, data, 'listen key');
    } catch (error) {
      throw without(key, error);
    }
  };

  const list: ListenKeys['list'] = async (options) =>
    readWire(List, (await caller.read(call('GET', []), options)).data, 'listen keys');

  const create = async (options: CallOptions): Promise<string> => {
    const { listenKey } = readWire(
      One,
      (await caller.once(call('POST', []), options)).data, // a repetition might leave a key that nobody knows
      'listen key',
    );
    own.add(listenKey);
    return listenKey;
  };

  const remove: ListenKeys['remove'] = async (key, options) => {
    await about('DELETE', key, options);
    own.delete(key);
  };

  return {
    create: async (options) => {
      try {
        return await create(options);
      } catch (error) {
        if (!maybeTooMany(error)) throw error;
        const { keys, available } = await list(options);
        const stranger = keys.find((key) => !own.has(key));
        if (available > 0 || stranger === undefined) throw error;
        // One, not all: among those that a crash has left may be the key of another process that is at work.
        await remove(stranger, options);
        return create(options);
      }
    },
    extend: (key, options) => about('PUT', key, options),
    remove,
    list,
  };
};
