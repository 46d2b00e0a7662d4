import { createHash } from 'node:crypto';
import * as z from 'zod';
import { type Answer, bytesOf, cutAnswer, type Reply } from './answer.ts';
import type { Effects } from './effects.ts';
import { type Circumstances, endpointOf, execute, isLetIn } from './execute.ts';
import { collectEffects } from './faults.ts';
import { enqueue, nextDue } from './late.ts';
import { chargeLimits, type LimitRefusal } from './limits.ts';
import { type Params, readLoosely, type Wire } from './request.ts';
import type { JournalEntry } from './state.ts';
import type { Store } from './store.ts';

/** What a request came to: `delayMs` is how long the reply is held back, Infinity for ever. */
export type Taken = {
  reply: Reply;
  delayMs: number;
  /** The number under which the reply of a request executed later will be found; `reply` is then 'drop'. */
  later: number | null;
};

type Ending = Answer | 'drop' | 'hang';

/**
 * Takes a request in at the true time `at`: disturbances on the way, limits, then the exchange itself. A request lost
 * on its way costs nothing; every other one costs its budget, whatever is answered.
 */
export function takeRequest(store: Store, wire: Wire, at: number): Taken {
  const params = readLoosely(wire);
  const effects = collectEffects(store, { wire, params, at });
  const entry = openEntry(store, wire, params, effects, at);
  const refusal = effects.instead === 'drop' ? null : charge(store, wire, at);
  if (refusal !== null) {
    entry.limit = refusal.limit;
    return taken(close(entry, silenceIn(effects) ?? refusal.answer), effects);
  }
  if (effects.instead !== null) return taken(close(entry, effects.instead), effects);
  const circumstances = { arrivedAt: at, at, effects };
  if (effects.late !== null && isLetIn(store, wire, circumstances)) {
    return postpone(store, wire, at, { ...effects, late: effects.late }, entry.seq);
  }
  return taken(perform(store, wire, circumstances, effects, entry), effects);
}

/** Executes what was put off until the true time `at`, in the order of the times set for it. */
export function catchUp(store: Store, at: number): void {
  for (let request = nextDue(store.state, at); request; request = nextDue(store.state, at)) {
    const { seq, arrivedAt, due, wire, effects } = request;
    store.watch?.advance(due);
    const entry = store.state.journal.findLast((known) => known.seq === seq);
    if (entry === undefined) throw new Error(`simulator: request ${seq} is not in the journal`);
    const ending = perform(store, wire, { arrivedAt, at: due, effects }, effects, entry);
    if (effects.late?.held) store.lateReplies.set(seq, ending === 'hang' ? 'drop' : ending);
  }
  store.watch?.advance(at);
}

/** A signed call costs the account its key names, whatever its signature is worth. */
function charge(store: Store, wire: Wire, at: number): LimitRefusal | null {
  if (store.state.limits.limits === 'off') return null;
  const signed = endpointOf(wire)?.access === 'signed';
  const holder = signed ? store.keys.get(wire.accessKey ?? '') : undefined;
  return chargeLimits(store, wire, holder?.account.uid ?? null, at);
}

/** A limit answers before anything behind it could, but not over a connection that is gone or mute. */
function silenceIn({ instead, afterwards }: Effects): 'drop' | 'hang' | null {
  if (instead === 'hang') return 'hang';
  return afterwards === 'drop' || afterwards === 'hang' ? afterwards : null;
}

function postpone(
  store: Store,
  wire: Wire,
  at: number,
  effects: Effects & { late: { ms: number; held: boolean } },
  seq: number,
): Taken {
  const { ms, held } = effects.late;
  enqueue(store.state, { seq, arrivedAt: at, due: at + ms, wire, effects });
  if (!held) return { reply: 'drop', delayMs: effects.delayMs, later: null };
  if (effects.afterwards === 'hang') return taken('hang', effects);
  return { reply: 'drop', delayMs: ms + effects.delayMs, later: seq };
}

function perform(
  store: Store,
  wire: Wire,
  circumstances: Circumstances,
  effects: Effects,
  entry: JournalEntry,
): Ending {
  const { orders } = store.state;
  const first = orders.length;
  const { answer, code, orderId, signature } = execute(store, wire, circumstances);
  for (const order of orders.slice(first)) order.visibleAt = circumstances.at + effects.hideMs;
  entry.signature = signature;
  entry.executed = true;
  entry.executedAt = circumstances.at;
  entry.orderId = orderId;
  if (effects.afterwards === null) return close(entry, answer, code);
  return close(entry, endingOf(effects.afterwards, answer));
}

function endingOf(afterwards: NonNullable<Effects['afterwards']>, answer: Answer): Ending {
  if (typeof afterwards === 'string' || 'status' in afterwards) return afterwards;
  const { at, fraction, short } = afterwards;
  return cutAnswer(answer, at ?? Math.floor(fraction * bytesOf(answer).length), short);
}

function taken(ending: Ending, { delayMs }: Effects): Taken {
  if (ending === 'hang') return { reply: 'drop', delayMs: Number.POSITIVE_INFINITY, later: null };
  return { reply: ending, delayMs, later: null };
}

function openEntry(store: Store, wire: Wire, params: Params, effects: Effects, at: number): JournalEntry {
  store.state.counters.request += 1;
  const entry: JournalEntry = {
    seq: store.state.counters.request,
    at,
    method: wire.method,
    path: wire.path,
    params: Object.fromEntries(params),
    signature: 'unchecked',
    key: store.keys.get(wire.accessKey ?? '')?.key.name ?? null,
    executed: false,
    status: null,
    code: null,
    orderId: null,
    faults: effects.names,
    digest: '',
    limit: null,
    executedAt: null,
  };
  store.state.journal.push(entry);
  return entry;
}

/** Notes what is sent. `code` is that of a true answer, undefined when it has to be read from the body. */
function close(entry: JournalEntry, ending: Ending, code?: number | null): Ending {
  if (typeof ending === 'string') return ending;
  entry.status = ending.status;
  entry.code = code === undefined ? codeIn(ending.body) : code;
  entry.digest = createHash('sha256').update(ending.body).digest('hex').slice(0, 16);
  return ending;
}

const Coded = z.object({ code: z.int() });

function codeIn(body: string): number | null {
  try {
    return Coded.safeParse(JSON.parse(body)).data?.code ?? null;
  } catch {
    // A fault may answer with anything, HTML included.
    return null;
  }
}
