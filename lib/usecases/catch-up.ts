import { AppError } from '../domain/errors.ts';
import { lacksFills } from '../domain/facts.ts';
import { judgeRows } from './judge-row.ts';
import { recordSurvey, unsettledOrders } from './observe-orders.ts';
import { note, type Run } from './reconcile-run.ts';

/**
 * Reads what the stream did not tell while it was away: the account's open orders, and of every unsettled order of the ledger
 * what they do not show. Sends and cancels nothing.
 * @returns false while trades that the exchange executed are not shown yet
 * @throws AppError, ExchangeError, StoreUnavailableError when the state could not be read: then nothing is caught up with
 */
export const catchUp = async (run: Run): Promise<boolean> => {
  const { trading, options } = run;
  const failed = run.failed();
  const orders = (await unsettledOrders(run)).filter(({ state, test }) => state !== 'accepted' && !test);
  const open = await trading.exchange.openOrders(undefined, options);
  const time = orders.length > 0 ? await run.measuredTime() : undefined;
  let complete = true;
  await recordSurvey(orders, open, time, run, (before, after) => {
    note(run, before, after);
    if (after && lacksFills(after)) complete = false;
  });
  const ours = new Set(orders.flatMap(({ attempts }) => attempts.map(({ clientOrderId }) => clientOrderId)));
  await judgeRows(
    open.filter(({ clientOrderId }) => clientOrderId === undefined || !ours.has(clientOrderId)),
    run,
  );
  if (run.failed() > failed) throw new AppError('incomplete', 'a part of the catch-up failed');
  return complete;
};
