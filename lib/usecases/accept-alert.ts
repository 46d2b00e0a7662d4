import type { Alert, AlertProblem } from '../domain/alert.ts';
import { readAlert } from '../domain/alert.ts';
import {
  canonicalText,
  credentialsOf,
  isTest,
  keyCandidate,
  type RawAlert,
  readBody,
  readJson,
  storableText,
  valuesOf,
} from '../domain/alert-body.ts';
import { holdsSecret } from '../domain/alert-keys.ts';
import { checkAge, readTime } from '../domain/alert-time.ts';
import { StoreUnavailableError } from '../domain/errors.ts';
import { endUnsent } from '../domain/ledger.ts';
import type { Order, Refusal } from '../domain/order-record.ts';
import { orderView } from '../domain/order-view.ts';
import type { CallOptions } from '../domain/ports.ts';
import { invalid, stale } from '../domain/refusals.ts';
import { digestOf, orderIdOf } from './identity.ts';
import { noteSequence } from './note-sequence.ts';
import { type Patience, placeOrder } from './place-order.ts';
import type { Trading } from './trading.ts';

/** The alerting tool gives up after 3 s; the answer leaves before, ms after arrival. */
const ANSWER_WITHIN = 2_500;
/** An alert whose turn has not come stops waiting this long after its arrival, ms. */
const TURN_WITHIN = 1_500;
/** However late a delivery is started, it has this long to store the alert, ms. */
const LEAST_TIME = 2_500;

/** One delivery of an alert, as the API received it. */
export interface Delivery {
  readonly contentType: string | undefined;
  readonly authorization: string | undefined;
  /** `requestContext.http.sourceIp`; headers say nothing about the sender. */
  readonly sourceAddress: string;
  /** After base64 decoding. */
  readonly body: Uint8Array;
  /** `requestContext.timeEpoch`, epoch ms. */
  readonly arrival: number;
}

/** Who may deliver, and for which strategy. */
export interface Gatekeeper {
  /** Source addresses that may deliver; `undefined`: all. */
  readonly allowedAddresses: readonly string[] | undefined;
  /** Every token that is to be kept out of sight, when `token` is one of the strategy's; else `undefined`, in the same time. */
  authenticate(
    strategy: string | undefined,
    token: string | undefined,
  ): Promise<readonly string[] | undefined>;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/**
 * Turns one delivery into an answer. Order of checks: size and type, source address, JSON object,
 * strategy and token, stored already, age, the rest. Every authenticated alert is stored, refused ones too.
 */
export const acceptAlert = async (
  delivery: Delivery,
  gatekeeper: Gatekeeper,
  trading: Trading,
): Promise<Answer> => {
  const body = readBody({ contentType: delivery.contentType, body: delivery.body });
  if (!body.ok) return failure(body);
  const { allowedAddresses } = gatekeeper;
  if (allowedAddresses && !allowedAddresses.includes(delivery.sourceAddress)) return ADDRESS_NOT_ALLOWED;
  const json = readJson(body.text);
  if (!json.ok) return failure(json);

  const { strategy, token } = credentialsOf(json.raw, delivery.authorization);
  const tokens = await gatekeeper.authenticate(strategy, token);
  if (!tokens || strategy === undefined) return UNAUTHORIZED;

  const now = trading.clock.now();
  const options = {
    deadline: Math.max(delivery.arrival + ANSWER_WITHIN, now + LEAST_TIME),
    turnBy: delivery.arrival + TURN_WITHIN,
    looks: true,
  };
  const stored = storedForm(strategy, json.raw, tokens, delivery.arrival, now);
  const reading = readAlert(json.raw, trading.settingsOf(strategy), tokens);
  try {
    return reading.ok
      ? await carryOut(stored, reading.alert, reading.notes, trading, options)
      : await refuse(stored, refusalOf(json.raw, reading.problems, strategy, trading), trading, options);
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    trading.log.warn('the store gave no answer in time; nothing was sent', {
      order: stored.id,
      error: error.message,
    });
    return UNAVAILABLE;
  }
};

/** The ledger item of an alert before anything happened to it. */
const storedForm = (
  strategy: string,
  raw: RawAlert,
  tokens: readonly string[],
  arrival: number,
  at: number,
): Order => {
  const digest = digestOf(canonicalText(raw));
  const id = keyCandidate(raw);
  const key = id === undefined || holdsSecret(id, tokens) ? digest : id;
  const test = isTest(raw);
  return {
    id: orderIdOf(strategy, test, key),
    strategy,
    key,
    digest,
    origin: 'alert',
    test,
    asked: storableText(raw, tokens),
    arrival,
    state: 'accepted',
    attempts: [],
    reserved: '0',
    fillsQty: '0',
    settled: false,
    history: [],
    createdAt: at,
    updatedAt: at,
    version: 0,
  };
};

const carryOut = async (
  form: Order,
  alert: Alert,
  notes: readonly string[],
  trading: Trading,
  options: Patience,
): Promise<Answer> => {
  const { time, sequence, symbol, action, type, expireAfterSeconds } = alert;
  const order = {
    ...form,
    alert,
    symbol,
    action,
    type,
    ...(time !== undefined && { alertTime: time }),
    ...(sequence !== undefined && { sequence }),
    ...(expireAfterSeconds !== undefined && { cancelAfter: form.arrival + expireAfterSeconds * 1_000 }),
    history: [
      { at: form.createdAt, state: 'accepted' as const, detail: ['alert received', ...notes].join('; ') },
    ],
  };
  const placed = await placeOrder(order, trading, options);
  if (placed.kind === 'unavailable') return UNAVAILABLE;
  if (placed.order.digest !== form.digest) return idReused(form, placed.order.id, trading, options);
  if (placed.created) await noteSequence(order, trading, options);
  return answerOf(placed.order, placed.created);
};

/** A time that can be read is judged before everything else that is wrong. */
const refusalOf = (
  raw: RawAlert,
  problems: readonly AlertProblem[],
  strategy: string,
  { clock, settingsOf }: Trading,
): Refusal => {
  const [value] = valuesOf(raw, 'time');
  const time = value === undefined ? undefined : readTime(value);
  const old = time?.ok
    ? checkAge(time.value, clock.now(), settingsOf(strategy).staleAfterSeconds)
    : undefined;
  return old ? stale(old) : invalid(problems);
};

/** Keeps a refused alert; a repeat of one that is stored gets the stored answer. */
const refuse = async (
  form: Order,
  refusal: Refusal,
  trading: Trading,
  options: CallOptions,
): Promise<Answer> => {
  const { ledger, nonce, clock, log } = trading;
  const known = await ledger.order(form.id, options);
  if (known)
    return known.digest === form.digest ? answerOf(known, false) : idReused(form, known.id, trading, options);
  const change = endUnsent({ order: form }, { kind: 'refused', at: clock.now(), state: 'refused', refusal });
  if (!change) return UNAVAILABLE;
  const result = await ledger.commit(change, { ...options, token: nonce() });
  log.info('alert refused', {
    order: form.id,
    code: refusal.code,
    paths: refusal.details?.map(({ path }) => path),
  });
  if (result.kind === 'committed') return answerOf(change.order, true);
  const stored = result.order?.stored;
  if (!stored) return UNAVAILABLE;
  return stored.digest === form.digest
    ? answerOf(stored, false)
    : idReused(form, stored.id, trading, options);
};

/** The same id with other content: nothing is sent, the alert is kept under its digest. */
const idReused = (form: Order, storedId: string, trading: Trading, options: CallOptions): Promise<Answer> => {
  if (form.key === form.digest) return Promise.resolve(UNAVAILABLE);
  const refusal: Refusal = {
    status: 409,
    code: 'id_reused',
    message: `Another alert with this id is stored as ${storedId}; nothing was sent. In TradingView {{strategy.order.id}} repeats at every entry: add {{timenow}} to it.`,
    details: [{ path: 'id', message: 'was used by another alert; an id is new at every firing' }],
    storedId,
  };
  const kept = { ...form, key: form.digest, id: orderIdOf(form.strategy, form.test, form.digest) };
  return refuse(kept, refusal, trading, options);
};

/** The answer that an order's state calls for. */
const answerOf = (order: Order, created: boolean): Answer => {
  const duplicate = created ? {} : { duplicate: true };
  if (order.refusal) {
    const { status, storedId, ...error } = order.refusal;
    return { status, body: { error, id: storedId ?? order.id, ...duplicate } };
  }
  const pending = order.state === 'accepted' || order.state === 'submitting' || order.state === 'unknown';
  return { status: pending ? 202 : 200, body: { ...orderView(order), ...duplicate } };
};

const failure = ({
  status,
  code,
  message,
}: {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}): Answer => ({
  status,
  body: { error: { code, message } },
});

/** One answer for an unknown strategy and a wrong token: the same bytes. */
const UNAUTHORIZED = failure({
  status: 401,
  code: 'unauthorized',
  message: 'Unknown strategy or wrong token.',
});

const ADDRESS_NOT_ALLOWED = failure({
  status: 403,
  code: 'address_not_allowed',
  message: 'Alerts are not taken from this address.',
});

const UNAVAILABLE = failure({
  status: 503,
  code: 'unavailable',
  message: 'Nothing was sent for this delivery; sending the same alert again is safe.',
});
