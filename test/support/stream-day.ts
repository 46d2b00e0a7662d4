import type { StreamItem } from '../../lib/domain/stream.ts';
import { isFresh, StreamState } from '../../lib/domain/stream-state.ts';
import { fractions, openAccountWorld } from './account-world.ts';
import { itemOf } from './plain-items.ts';
import { drawStreamFault, UID } from './stream-faults.ts';
import { FIRST, MARKETS, type Market, type manyMarkets } from './stream-markets.ts';
import { createOrderCheck, transferName } from './stream-truth.ts';
import { type StreamRun, streamTasks } from './stream-world.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
const START = Date.UTC(2026, 10, 20);
/** Within which the ledger has to know what was executed before a reconnect, ms. */
const CAUGHT_UP_WITHIN = 5 * SECOND;
const ORDER_CAUSES = /^(ENTRUST|TRADE_FEE)/u;

export interface DayOptions {
  readonly seed: number;
  readonly hours: number;
  readonly handOvers: number;
  /** In which part of the day no reconciler runs, neither by the schedule nor woken: hours from and to. */
  readonly alone?: readonly [from: number, to: number];
  /** Neither the stream nor the replies to orders are disturbed. @default false */
  readonly calm?: boolean;
  /** @default three symbols */
  readonly on?: ReturnType<typeof manyMarkets>;
}

export type StreamDay = Awaited<ReturnType<typeof playStreamDay>>;

/** A day of orders and of a stream that is disturbed all the time, with one task after the other. */
export const playStreamDay = async ({
  seed,
  hours,
  handOvers,
  alone = [0, 0],
  calm = false,
  on,
}: DayOptions) => {
  const markets = on?.markets ?? MARKETS;
  const symbols = markets.map(({ symbol }) => symbol);
  const random = fractions(seed);
  const whole = (least: number, most: number): number => Math.floor(least + random() * (most - least + 1));
  const pick = <T>(all: readonly T[], first: T): T => all[Math.floor(random() * all.length)] ?? first;
  const [from, to] = [START + alone[0] * HOUR, START + alone[1] * HOUR];
  const wakes = (): boolean => world.time.now() < from || world.time.now() >= to;
  const world = await openAccountWorld({
    seed: `stream ${seed}`,
    start: START,
    indexLag: 200,
    wakes,
    symbols,
    ...(on && { exchange: on.exchange }),
  });
  const { time, market, store } = world;
  const ends = START + hours * HOUR;
  // Three quarters of an hour in which one task lives on, deaf for most of the time: its key has ended, and nobody says so.
  const [deafFrom, deafTo] = to - from > HOUR ? [from + 5 * MINUTE, from + 50 * MINUTE] : [from, from];
  const check = createOrderCheck(store);
  const late: string[] = [];
  const heard = new Set<string>();
  const drains: number[] = [];
  const pending = new Set<Promise<unknown>>();
  const faults = new Map<string, number>();
  const prices = new Map<string, number>();
  const counts = { alerts: 0, reconnects: 0, voided: 0, handOvers: 0, kills: 0, gaveUp: 0, transfers: 0 };
  const refusals = new Map<string, number>();
  const holes = new Map<StreamRun, number>();
  const count = (map: Map<string, number>, what: string): void =>
    void map.set(what, (map.get(what) ?? 0) + 1);

  const keep = (work: Promise<unknown>): void => {
    const kept: Promise<unknown> = work.finally(() => pending.delete(kept));
    pending.add(kept);
  };
  const checkSoon = (task: StreamRun): void => {
    const seen = holes.get(task);
    const then = check.unsure(market.truth());
    const at = time.now();
    time.at(at + CAUGHT_UP_WITHIN, () => {
      if (task.state !== 'running' || holes.get(task) !== seen) {
        counts.voided += 1;
        return;
      }
      counts.reconnects += 1;
      const lacking = check.lacking(then);
      for (const each of lacking) late.push(`${stamp(at)} task ${task.n}: ${each}`);
    });
  };
  const item = (task: StreamRun, told: StreamItem): void => {
    if (told.kind === 'balance' && !ORDER_CAUSES.test(told.cause)) {
      const amount = Number(told.change.free).toFixed(6);
      const name = transferName(told.balance.asset, told.cause, amount);
      // Who is killed right after it has heard of something need not have stored it.
      time.at(time.now() + SECOND, () => {
        if (task.state === 'running') heard.add(name);
      });
    }
    if (told.kind !== 'hole' && told.kind !== 'live') return;
    if (!told.channels.some((channel) => channel.startsWith('spot@private.'))) return;
    if (told.kind === 'hole') holes.set(task, (holes.get(task) ?? 0) + 1);
    else if (task.followed.size === 3) checkSoon(task);
  };
  let current: StreamRun | undefined;
  const gaveUp = (task: StreamRun): void => {
    counts.gaveUp += 1;
    if (task !== current) return;
    time.at(time.now() + 5 * SECOND, () => {
      current = tasks.start();
    });
  };
  const tasks = streamTasks({
    world,
    symbols,
    seed: seed + 1,
    wakes,
    watch: { item, gaveUp },
  });

  const handOver = (): void => {
    const before = current;
    counts.handOvers += 1;
    current = tasks.start();
    time.at(time.now() + whole(0, 20_000), () => {
      if (before?.state !== 'running') return;
      if (random() < 0.25) {
        counts.kills += 1;
        before.kill();
      } else keep(before.close().then((ms) => void drains.push(ms)));
    });
  };

  const near = ({ symbol, price, decimals }: Market, percent: number): string =>
    ((prices.get(symbol) ?? price) * (1 + percent / 100)).toFixed(decimals);
  const alert = async (): Promise<void> => {
    const coin = pick(markets, FIRST);
    const { symbol } = coin;
    const quantity = (coin.quantity * (0.5 + random())).toFixed(coin.places);
    const kinds = [
      { action: 'buy', quoteQuantity: String(whole(10, 60)) },
      { action: 'buy', quoteQuantity: String(whole(10, 60)) },
      { action: 'buy', percent: '0.05' },
      { action: 'buy', type: 'limit', price: near(coin, -0.1 - random()), quantity },
      { action: 'buy', type: 'limit', price: near(coin, -0.1 - random()), quantity },
      {
        action: 'buy',
        type: 'limit',
        price: near(coin, -0.3 - 3 * random()),
        quantity,
        expireAfterSeconds: whole(60, 3_000),
      },
      { action: 'sell', type: 'limit', price: near(coin, 0.1 + random()), quantity },
      { action: 'sell', quantity },
      { action: 'buy', type: 'ioc', price: near(coin, random() - 0.5), quantity },
      { action: 'target', targetQuantity: quantity },
      { action: 'cancel' },
      { action: 'close' },
    ];
    const asked = pick(kinds, { action: 'close' });
    if (!calm && random() < 0.05)
      market.faults.add({ match: { method: 'POST', path: '/api/v3/order', times: 1 }, kind: 'drop-after' });
    counts.alerts += 1;
    const { status, body } = await world.alert(`s-${whole(0, 9)}`, { symbol, ...asked });
    if (status >= 400) count(refusals, `${status} ${String(JSON.stringify(body)).slice(0, 90)}`);
  };
  const move = (): void => {
    const { symbol, price, decimals } = pick(markets, FIRST);
    const wave = 0.012 * Math.sin((time.now() - START) / (17 * MINUTE) + price);
    const next = price * (1 + wave + (random() - 0.5) * 0.004);
    prices.set(symbol, next);
    market.setPrice(symbol, next.toFixed(decimals));
  };
  const byHand = (): void => {
    const coin = pick(markets, FIRST);
    const quantity = coin.quantity.toFixed(coin.places);
    const { orderId } = market.apply({
      do: 'order',
      with: {
        uid: UID,
        symbol: coin.symbol,
        side: 'BUY',
        type: 'LIMIT',
        price: near(coin, random() - 0.8),
        quantity,
      },
    });
    if (orderId === undefined || random() < 0.5) return;
    time.at(time.now() + whole(1, 600) * SECOND, () => {
      const open = market.truth().orders.find((order) => order.orderId === orderId);
      if (open?.status === 'NEW') market.apply({ do: 'cancel', with: { orderId } });
    });
  };
  const transfer = (): void => {
    counts.transfers += 1;
    const asset = pick(['USDT', ...symbols.map((symbol) => symbol.replace(/USDT$/u, ''))], 'USDT');
    const comes = asset !== 'USDT' || random() < 0.5;
    const amount = `${comes ? '' : '-'}${whole(1, 9)}.${String(counts.transfers).padStart(6, '0')}`;
    market.apply({ do: 'balance', with: { uid: UID, asset, amount, kind: comes ? 'DEPOSIT' : 'WITHDRAW' } });
  };
  const disturb = (): void => {
    if (time.now() >= deafFrom && time.now() < deafTo) return;
    const { name, commands } = drawStreamFault(random, time.now());
    count(faults, name);
    for (const command of commands) market.apply(command);
  };

  /** Again and again, at times around the one given, ms. */
  const every = (ms: number, run: () => void, until = ends): void => {
    const next = (): void => {
      if (time.now() >= until) return;
      run();
      time.at(time.now() + Math.floor((ms * (0.5 + random())) / 2) * 2, next);
    };
    time.at(time.now() + Math.floor((ms * random()) / 2) * 2, next);
  };
  current = tasks.start();
  every((72 * SECOND) / markets.length, move);
  every(75 * SECOND, () => keep(alert()));
  every(20 * MINUTE, byHand);
  every(12 * MINUTE, transfer);
  if (!calm) every(4 * MINUTE, disturb);
  const settled = ends + (calm ? 2 : 20) * MINUTE;
  for (let at = START; at < settled; at += MINUTE)
    time.at(at, () => {
      if (wakes()) keep(world.reconcile());
    });
  for (let n = 0; n < handOvers; n += 1) {
    const at = START + ((n + 0.3 + 0.6 * random()) * (ends - START - (deafTo - deafFrom))) / handOvers;
    time.at(at < deafFrom ? at : at + deafTo - deafFrom, handOver);
  }
  if (deafTo > deafFrom) {
    const anew = (): void => {
      market.apply({ do: 'streamFaultsCleared', with: {} });
      market.apply({ do: 'connections', with: { how: 'close' } });
    };
    time.at(deafFrom, anew);
    time.at(deafFrom + 5 * MINUTE, () => void market.apply({ do: 'listenKeyExpired', with: { uid: UID } }));
    time.at(deafFrom + 33 * MINUTE, () => {
      if (current) checkSoon(current);
    });
  }
  /** Nothing that was lost on the way is forgotten once a task has read the state. */
  if (to > from)
    time.at(to - 20 * SECOND, () => {
      market.apply({ do: 'streamFaultsCleared', with: {} });
      market.apply({ do: 'connections', with: { how: 'close' } });
    });

  let samples = 0;
  let fresh = 0;
  every(5 * SECOND, () => {
    const { data } = StreamState.safeParse(itemOf(store, 'Control', { name: 'stream' }));
    samples += 1;
    if (isFresh(data, time.now())) fresh += 1;
  });
  await time.playTo(ends);
  const { use } = tasks;
  const written = { booking: use.booking(), beside: new Map(use.beside) };
  market.apply({ do: 'streamFaultsCleared', with: {} });
  for (const { orderId, status } of market.truth().orders)
    if (status === 'NEW' || status === 'PARTIALLY_FILLED') market.apply({ do: 'cancel', with: { orderId } });
  await time.playTo(settled);
  await time.finish(Promise.all([...pending]));
  return {
    world,
    tasks,
    counts,
    /** What each task took to end in order, ms. */
    drains,
    /** Disturbances by their name. */
    faults,
    /** What a task had not caught up with in time after a reconnect. */
    late,
    /** Transfers, by name, that a task was told of and lived to store. */
    heard,
    refusals,
    written,
    /** Share of the time in which others could rely on the stream. */
    fresh: fresh / samples,
    current: () => current,
    ends,
  };
};

const stamp = (at: number): string => new Date(at).toISOString().slice(11, 23);
