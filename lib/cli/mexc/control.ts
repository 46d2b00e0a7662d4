import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { UnreachableError } from '../program.ts';
import { RefusedError } from './api.ts';
import type { Session } from './session.ts';
import { Adopted, Changed, ControlState } from './shapes.ts';
import { listed } from './table.ts';

/** What an operator may ask for; each needs a reason, which is kept and shown. */
export interface ChangeAsked {
  readonly reason: string;
  /** Absent: all, those to come included. */
  readonly strategies?: readonly string[];
  readonly cancelAll?: boolean;
  readonly yes?: boolean;
  /** Wait until nothing is left to do. */
  readonly wait?: boolean;
}

export type Change = 'halt' | 'resume' | 'reduce-only' | 'flatten';

const BODIES: Readonly<Record<Change, object>> = {
  halt: { mode: 'HALTED' },
  resume: { mode: 'ACTIVE' },
  'reduce-only': { mode: 'REDUCE_ONLY' },
  flatten: { flatten: true },
};

const WORDS: Readonly<Record<Change, string>> = {
  halt: 'Halt',
  resume: 'Let trade again',
  'reduce-only': 'Let only reduce positions',
  flatten: 'Cancel all orders of, sell all positions of, then halt',
};

/** Between two looks at what is left, ms. */
const LOOK = 2_000;

/** `halt`, `resume`, `reduce-only`, `flatten`. @returns exit status */
export const changeModes = async (change: Change, asked: ChangeAsked, session: Session): Promise<number> => {
  const { api, json, say, print, confirm } = session;
  const { reason, strategies, cancelAll, yes } = asked;
  const whom = strategies ? listed(strategies) : 'all strategies';
  // The token comes first: nobody should confirm what cannot be done.
  await api.target.token('admin');
  const also = cancelAll ? ' and cancel its open orders' : '';
  if (!yes && !(await confirm(`${WORDS[change]} ${whom} at ${api.target.url}${also}?`)))
    throw new RefusedError(
      'not_confirmed',
      'Nothing was changed: it was not confirmed (or say --yes).',
      [],
      undefined,
    );
  const body = {
    ...BODIES[change],
    reason,
    ...(strategies && { strategies }),
    ...(cancelAll && { cancelAll }),
  };
  const answer = await api.control(body, Changed);
  const isCommand = change === 'flatten' || cancelAll === true;
  const state = isCommand && asked.wait ? await untilDone(session) : undefined;
  const kept = state ? leftOver(state, strategies) : [];
  const status = kept.length > 0 ? 1 : 0;
  if (json) {
    print(state ? { ...answer, control: state } : answer);
    return status;
  }
  const byMode = Map.groupBy(answer.strategies ?? [], ({ mode }) => mode);
  for (const [mode, those] of byMode) say(`${mode}: ${listed(those.map(({ strategy }) => strategy))}.`);
  if (answer.default) say(`${answer.default.mode}: strategies to come.`);
  if (answer.message) say(answer.message);
  for (const { order, until } of answer.inDoubt ?? []) say(`  ${order} until ${until}`);
  if (answer.clock) say(answer.clock);
  if (state) say('Done: nothing is left to do.');
  for (const line of kept) say(line);
  return status;
};

/** Looks again and again until no command has anything left to do. */
const untilDone = async ({ api, progress }: Session): Promise<ControlState> => {
  let bar: ReturnType<typeof progress> | undefined;
  let most = 0;
  for (;;) {
    const state = await api.get('/control', ControlState, {}, 'admin');
    const left = leftIn(state);
    most = Math.max(most, left);
    bar ??= progress(Math.max(1, most), 'orders');
    bar.show(state.done ? Math.max(1, most) : most - left);
    if (state.done) {
      bar.end();
      return state;
    }
    await wait(LOOK);
  }
};

const leftIn = ({ strategies }: ControlState): number =>
  strategies.reduce((count, { command }) => {
    if (command?.state !== 'running') return count;
    return count + command.remains.orders.length + (command.remains.positions?.length ?? 0);
  }, 0);

/** Coins that a finished flatten could not sell. */
const leftOver = ({ strategies }: ControlState, asked: readonly string[] | undefined): string[] =>
  strategies
    .filter(({ strategy }) => !asked || asked.includes(strategy))
    .flatMap(({ strategy, command }) =>
      (command?.remains.positions ?? []).map(
        ({ symbol, quantity, reason }) =>
          `  ${strategy} keeps ${quantity} ${symbol}${reason ? `: ${reason}` : ''}`,
      ),
    );

export interface AdoptionAsked {
  readonly strategy: string;
  readonly symbol: string;
  readonly quantity: string;
  readonly cost?: string;
  readonly id?: string;
  readonly reason: string;
  readonly yes?: boolean;
}

/** `positions adopt`. @returns exit status */
export const adopt = async ({ reason, yes, ...asked }: AdoptionAsked, session: Session): Promise<number> => {
  const adoption = { ...asked, id: asked.id ?? randomUUID() };
  const { api, json, say, print, confirm } = session;
  const { strategy, symbol, quantity, cost } = adoption;
  await api.target.token('admin');
  const question = `Put ${quantity} coins of ${symbol} (cost ${cost ?? '0'}) into the position of ${strategy} at ${api.target.url}?`;
  if (!yes && !(await confirm(question)))
    throw new RefusedError(
      'not_confirmed',
      'Nothing was changed: it was not confirmed (or say --yes).',
      [],
      undefined,
    );
  const answer = await api.control({ adopt: adoption, reason }, Adopted).catch((error: unknown) => {
    if (!(error instanceof UnreachableError)) throw error;
    const message = `${error.message} The coins may have been adopted: repeat it with --id ${adoption.id}, and it is done once.`;
    throw new UnreachableError('unreachable', message);
  });
  if (json) print(answer);
  else {
    const { position, duplicate } = answer.adopted;
    say(`${strategy} now holds ${position.quantity} ${symbol}, cost ${position.cost}.`);
    if (duplicate) say('This adoption was made before; it was not made again.');
  }
  return 0;
};
