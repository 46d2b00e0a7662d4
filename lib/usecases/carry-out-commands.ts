import { isRunning, ordersLeft, positionsOf } from '../domain/control-view.ts';
import type { ExchangeOrder } from '../domain/exchange.ts';
import type { Lane } from '../domain/lane.ts';
import type { Modes } from '../domain/mode-change.ts';
import { factsIn, type Order, parseClientOrderId } from '../domain/order-record.ts';
import type { Command, Strategy } from '../domain/strategy.ts';
import { cancelOne } from './cancel-orders.ts';
import { flattenOrder } from './flatten-order.ts';
import { placeOrder } from './place-order.ts';
import { inParallel, note, type Run } from './reconcile-run.ts';
import { factsFrom, recordShown } from './settle-order.ts';
import { RUN_RESERVE } from './take-turns.ts';

const STRATEGIES_AT_ONCE = 4;
const READS_AT_ONCE = 8;
const CANCELS_AT_ONCE = 4;
const SALES_AT_ONCE = 4;
/** Time that one sale gets, ms. */
const SALE_BUDGET = 6_000;

/** A strategy with a command that runs. */
type Commanded = Strategy & { readonly command: Command };

/** A row of the exchange's list, and the order of ours that it shows. */
interface Listed {
  readonly row: ExchangeOrder;
  readonly order: Order;
}

/**
 * One step of every command of the operator's that runs (order protocol, 10.5). Cancels what the exchange lists of ours and what
 * rests in the lanes, again with every pass until both show nothing; then, for a flatten, sells what each lane holds by one
 * order; then ends the command. What is in doubt is left to its proof, and holds the end up. Each strategy in its own try.
 * @returns true while a command has something left to do
 */
export const carryOutCommands = async (run: Run, modes: Modes): Promise<boolean> => {
  const { trading, options } = run;
  const records = await trading.ledger.strategies(options);
  const commanded = records.filter(isCommanded);
  if (commanded.length === 0) return false;
  // Listed after the records were read, and the orders it shows are read after it: nothing falls between.
  const rows = await trading.exchange.openOrders(undefined, options);
  const listed = await ofCommanded(rows, records, run);
  const lanes = await trading.ledger.lanes(options);
  let running = false;
  await inParallel(commanded, STRATEGIES_AT_ONCE, async (record) => {
    const ended = await run.guarded(`carry out the ${record.command.kind} of ${record.strategy}`, () =>
      step(record, { listed, lanes, modes }, run),
    );
    running ||= ended !== true;
  });
  return running;
};

const isCommanded = (record: Strategy): record is Commanded =>
  record.command !== undefined && isRunning(record);

interface Sight {
  readonly listed: readonly Listed[];
  readonly lanes: readonly Lane[];
  readonly modes: Modes;
}

/** @returns true when the command is over */
const step = async (record: Commanded, sight: Sight, run: Run): Promise<boolean> => {
  const { trading, options } = run;
  const { command, strategy } = record;
  const lanes = sight.lanes.filter((lane) => lane.strategy === strategy);
  const open = sight.listed.filter((each) => isToCancel(each, record));
  await cancelAll(open, lanes, record, run);
  const sold = command.kind === 'cancelAll' || (await sellAll(record, lanes, open, run));
  if (!sold || open.length > 0 || ordersLeft(record).length > 0) return false;
  const done = { id: trading.nonce(), at: trading.clock.now() };
  await sight.modes.end(strategy, command, done, options);
  trading.log.info('a command is carried out', { strategy, command: command.id, kind: command.kind });
  return true;
};

/** Rows of the commanded strategies' orders. What another strategy has in flight need not be read to know whose it is. */
const ofCommanded = async (
  rows: readonly ExchangeOrder[],
  records: readonly Strategy[],
  { trading, options }: Run,
): Promise<readonly Listed[]> => {
  const others = records.filter((record) => !isCommanded(record));
  const listed: Listed[] = [];
  await inParallel(rows, READS_AT_ONCE, async (row) => {
    const ours = parseClientOrderId(row.clientOrderId);
    if (!ours || others.some(({ inFlight }) => inFlight[ours.id] !== undefined)) return;
    const order = await trading.ledger.order(ours.id, options);
    if (order) listed.push({ row, order });
  });
  return listed;
};

/**
 * A flatten cancels everything but its own sales; `cancelAll` what it found in flight, and what the exchange lists though the
 * ledger held it to be over.
 */
const isToCancel = ({ order }: Listed, { strategy, command, cancelling, inFlight }: Commanded): boolean => {
  if (order.strategy !== strategy) return false;
  if (command.kind === 'flatten') return !isSaleOf(command, order);
  return cancelling?.[order.id] !== undefined || inFlight[order.id] === undefined;
};

const isSaleOf = ({ id }: Command, { origin, asked }: Order): boolean => origin === 'flatten' && asked === id;

const cancelAll = async (
  open: readonly Listed[],
  lanes: readonly Lane[],
  { command, cancelling }: Commanded,
  run: Run,
): Promise<void> => {
  const { trading, options } = run;
  const symbols = new Map<string, string>();
  for (const { symbol, resting } of lanes)
    for (const id of Object.keys(resting))
      if (command.kind === 'flatten' || cancelling?.[id] !== undefined) symbols.set(id, symbol);
  await inParallel(open, CANCELS_AT_ONCE, async ({ order, row }) => {
    symbols.set(order.id, row.symbol);
    // An order can be cancelled once the ledger knows the exchange's id of it.
    if (knows(order, row)) return;
    const place = { ...order, symbol: row.symbol };
    const stored = await recordShown(place, { facts: factsFrom(order, [row]), trades: [] }, trading, options);
    note(run, order, stored);
  });
  await inParallel([...symbols], CANCELS_AT_ONCE, ([id, symbol]) => cancelOne(id, symbol, trading, options));
};

const knows = ({ attempts }: Order, { exchangeOrderId }: ExchangeOrder): boolean =>
  attempts.flatMap(factsIn).some((facts) => facts.exchangeOrderId === exchangeOrderId);

/**
 * Sells what the lanes hold that nothing can move any more: by one order each, through the ordinary admission.
 * @returns true when every lane with coins has had its sale, whatever became of it
 */
const sellAll = async (
  record: Commanded,
  lanes: readonly Lane[],
  open: readonly Listed[],
  run: Run,
): Promise<boolean> => {
  const { trading, options } = run;
  const busy = lanes.filter(
    ({ holder, resting, symbol }) =>
      holder !== undefined ||
      Object.keys(resting).length > 0 ||
      open.some(({ row }) => row.symbol === symbol),
  );
  let left = busy.length;
  const free = positionsOf(record, lanes).filter((lane) => !busy.includes(lane));
  await inParallel(free, SALES_AT_ONCE, async (lane) => {
    const now = trading.clock.now();
    const sale = flattenOrder(record.command.id, lane, now);
    const stored = await trading.ledger.order(sale.id, options);
    if (stored?.settled) return;
    left += 1;
    // One that waits, or is on its way, is everybody's: turns and proofs see to it.
    if (stored || now + RUN_RESERVE + SALE_BUDGET >= options.deadline) return;
    const deadline = Math.min(options.deadline - RUN_RESERVE, now + SALE_BUDGET);
    const placed = await placeOrder(sale, trading, { deadline, turnBy: now, looks: false });
    if (placed.kind === 'order') note(run, sale, placed.order);
  });
  return left === 0;
};
