import { type AdoptRequest, type ControlRequest, readControlRequest } from '../domain/control-request.ts';
import { defaultView, isRunning, strategyView } from '../domain/control-view.ts';
import { StoreUnavailableError } from '../domain/errors.ts';
import type { ModeChange } from '../domain/mode-change.ts';
import type { CallOptions } from '../domain/ports.ts';
import { adoptCoins } from './adopt-coins.ts';
import { type Awaited, awaitOutcomes } from './await-outcomes.ts';
import { type Changes, changeModes, stillHold } from './change-modes.ts';
import type { Controlling } from './controlling.ts';
import { explainRemainder } from './explain-remainder.ts';

export interface ControlAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Time kept of the whole for waiting, and for reading once more, after the writes, ms. */
const WAIT_RESERVE = 9_000;
const ANSWER_RESERVE = 2_000;

/**
 * `PUT /control` (order protocol, section 10): modes, commands, adoption. 200: it holds, and nothing that it forbids can reach
 * the exchange any more. 202: it holds; a command is being carried out, or something is in doubt still. 409: somebody else changed
 * the same at the same time. 503: not known of all; a repeat is safe, and does all steps again.
 * @param delivery.secrets no answer holds a piece of them
 * @param options.deadline when the answer has to leave, local epoch ms
 */
export const putControl = async (
  delivery: {
    readonly contentType: string | undefined;
    readonly body: Uint8Array;
    readonly secrets: readonly string[];
  },
  control: Controlling,
  options: CallOptions,
): Promise<ControlAnswer> => {
  const reading = readControlRequest(delivery, delivery.secrets);
  if (!reading.ok) {
    const { status, code, message, details } = reading;
    return refusal(status, code, message, details);
  }
  const { request } = reading;
  try {
    const problems = await problemsOf(request, control, options);
    if (problems.length > 0)
      return refusal(422, 'invalid', 'Nothing was changed: each problem is named in details.', problems);
    if (request.explain) return await explain(request.explain.id, request.reason, control, options);
    const changed = await change(request, control, options);
    if (!request.adopt) return changed ?? refusal(422, 'invalid', 'Nothing was asked for.');
    if (changed && changed.status >= 300) return withoutAdoption(changed);
    return await adopt(request.adopt, request.reason, changed, control, options);
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    control.log.warn('the store gave no answer in time', { error: error.message });
    return refusal(503, 'unavailable', 'The store gave no answer in time. A repeat is safe.');
  }
};

const refusal = (
  status: number,
  code: string,
  message: string,
  details?: readonly { readonly path: string; readonly message: string }[],
  more: Readonly<Record<string, unknown>> = {},
): ControlAnswer => ({ status, body: { error: { code, message, ...(details && { details }) }, ...more } });

/** What only the store and the configuration can tell: whom and what the request names. */
const problemsOf = async (
  { strategies = [], adopt }: ControlRequest,
  control: Controlling,
  options: CallOptions,
): Promise<{ path: string; message: string }[]> => {
  const named = [
    ...strategies.map((name, index) => [`strategies.${index}`, name] as const),
    ...(adopt ? [['adopt.strategy', adopt.strategy] as const] : []),
  ];
  const problems = await unknownAmong(named, control, options);
  if (!adopt) return problems;
  const { symbols } = control.settingsOf(adopt.strategy);
  const rules = await control.ledger.rules(options);
  if (symbols && !symbols.includes(adopt.symbol)) {
    const message = `the strategy may not trade it: its setting "symbols" allows ${symbols.join(', ')}`;
    problems.push({ path: 'adopt.symbol', message });
  } else if (!rules.some(({ symbol }) => symbol === adopt.symbol)) {
    const message =
      'is not known here: spell it as the exchange does, such as SOLUSDT; a new one becomes known a minute after it was added to the setting "symbols"';
    problems.push({ path: 'adopt.symbol', message });
  }
  return problems;
};

/** A strategy is known by its record, by its settings, or by its webhook token. */
const unknownAmong = async (
  named: readonly (readonly [path: string, name: string])[],
  { modes, configured, withToken }: Controlling,
  options: CallOptions,
): Promise<{ path: string; message: string }[]> => {
  if (named.length === 0) return [];
  const known = new Set([...(await modes.names(options)), ...configured]);
  if (named.every(([, name]) => known.has(name))) return [];
  for (const name of await withToken()) known.add(name);
  return named
    .filter(([, name]) => !known.has(name))
    .map(([path]) => ({ path, message: `is no strategy here; known are ${[...known].sort().join(', ')}` }));
};

/** @returns `undefined` when neither a mode nor a command was asked for */
const change = async (
  { mode, strategies, cancelAll, flatten, reason }: ControlRequest,
  control: Controlling,
  options: CallOptions,
): Promise<ControlAnswer | undefined> => {
  const { clock, log, nonce } = control;
  const command = flatten ? ('flatten' as const) : cancelAll ? ('cancelAll' as const) : undefined;
  if (mode === undefined && !command) return undefined;
  const order: ModeChange = {
    id: nonce(),
    at: clock.now(),
    reason,
    ...(mode !== undefined && { mode }),
    ...(command && { command }),
  };
  const targets = strategies ? [...new Set(strategies)] : 'all';
  log.info('the operator changes modes', { mode, command, strategies: targets, change: order.id });
  const changes = await changeModes(order, targets, control, {
    deadline: options.deadline - WAIT_RESERVE,
  });
  const failed = notAll(changes);
  if (command && changes.held.length > 0) await control.startRun();
  if (failed) return failed;
  if (command) {
    const message = `${command} has begun: GET /control shows what remains, and says done when nothing does.`;
    return { status: 202, body: { message, ...shown(changes) } };
  }
  // Arming lets orders pass: there is nothing to wait for.
  const awaited: Awaited =
    mode === 'ACTIVE'
      ? { doubts: [], clock: 'not needed' }
      : await awaitOutcomes(changes.held, control, { deadline: options.deadline - ANSWER_RESERVE });
  return conclude(changes, awaited, control, options);
};

/** The answer when not every write held. */
const notAll = ({ held, superseded, open, forNew }: Changes): ControlAnswer | undefined => {
  const holds = held.map(({ strategy }) => strategy);
  const problem = (name: string, message: string) => ({ path: `strategies.${name}`, message });
  if (open.length > 0 || forNew === 'open') {
    const details = [
      ...open.map((name) => problem(name, 'gave no answer in time: it may hold there, or not')),
      ...superseded.map((name) => problem(name, 'was changed by somebody else at the same time')),
    ];
    const message =
      forNew === 'open'
        ? 'The store gave no answer in time: strategies to come may have it already, no other was changed. A repeat is safe.'
        : `It holds for ${holds.length} of ${holds.length + open.length + superseded.length} strategies, named in holds. A repeat is safe.`;
    return refusal(503, 'unavailable', message, details, { holds });
  }
  if (superseded.length === 0 && forNew !== 'superseded') return undefined;
  const message =
    'Somebody else changed a mode at the same time, and what they set was not loosened: look at GET /control, then repeat.';
  return refusal(
    409,
    'superseded',
    message,
    superseded.map((name) => problem(name, 'was changed by somebody else at the same time')),
    { holds },
  );
};

const shown = ({ held, forNew }: Changes) => ({
  strategies: held.map((record) => ({
    ...strategyView(record),
    ...(isRunning(record) && { command: { id: record.command?.id, kind: record.command?.kind } }),
  })),
  ...(typeof forNew === 'object' && { default: defaultView(forNew) }),
});

const conclude = async (
  changes: Changes,
  { doubts, clock }: Awaited,
  control: Controlling,
  options: CallOptions,
): Promise<ControlAnswer> => {
  const holds = changes.held.map(({ strategy }) => strategy);
  try {
    if (!(await stillHold(changes, control, options))) {
      const message = 'It held, and somebody else has changed it since: look at GET /control, then repeat.';
      return refusal(409, 'superseded', message, undefined, { holds });
    }
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    const message =
      'It holds; whether somebody else has changed it since could not be read. A repeat is safe.';
    return refusal(503, 'unavailable', message, undefined, { holds });
  }
  const said =
    clock === 'not measured'
      ? { clock: 'The clock of the exchange could not be measured; a longer time was waited for instead.' }
      : {};
  if (doubts.length === 0) return { status: 200, body: { ...shown(changes), ...said } };
  const inDoubt = doubts.map(({ until, ...doubt }) => ({ ...doubt, until: new Date(until).toISOString() }));
  const message = 'It holds; these orders left before it and may still reach the exchange until then.';
  return { status: 202, body: { message, inDoubt, ...shown(changes), ...said } };
};

const explain = async (
  id: string,
  reason: string,
  control: Controlling,
  options: CallOptions,
): Promise<ControlAnswer> => {
  const explained = await explainRemainder(id, reason, control, options);
  if (explained.kind === 'closed') {
    const { asset, amount } = explained.remainder;
    control.log.info('the operator explains a change of the balance', { remainder: id, asset, amount });
    return { status: 200, body: { explained: { id, asset, amount, note: explained.remainder.note } } };
  }
  const open = explained.open.length === 0 ? 'none is open' : `open are ${explained.open.join(', ')}`;
  return refusal(422, 'invalid', 'Nothing was changed: one problem, named in details.', [
    { path: 'explain.id', message: `is no open remainder; ${open}` },
  ]);
};

const withoutAdoption = ({ status, body }: ControlAnswer): ControlAnswer => ({
  status,
  body: { ...body, adopt: 'Not carried out: the mode comes first.' },
});

const adopt = async (
  request: AdoptRequest,
  reason: string,
  changed: ControlAnswer | undefined,
  control: Controlling,
  options: CallOptions,
): Promise<ControlAnswer> => {
  const { strategy, symbol } = request;
  try {
    const { lane, id, duplicate } = await adoptCoins(request, reason, control, options);
    control.log.info('the operator adopts coins', { strategy, symbol, id, duplicate });
    const { quantity, cost, adopted } = lane;
    const position = { strategy, symbol, quantity, cost, adopted: adopted?.total };
    const body = { ...changed?.body, adopted: { id, ...(duplicate && { duplicate }), position } };
    return { status: changed?.status ?? 200, body };
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    const message =
      request.id === undefined
        ? 'The store gave no answer in time: look at GET /positions before you repeat, the coins may have been adopted.'
        : 'The store gave no answer in time. A repeat with the same adopt.id is safe.';
    return refusal(503, 'unavailable', message, undefined, changed ? { mode: changed.body } : {});
  }
};
