import { earliest } from '../domain/exchange-time.ts';
import type { Modes } from '../domain/mode-change.ts';
import type { CallOptions } from '../domain/ports.ts';
import type { TransferStore } from '../domain/snapshot-ports.ts';
import type { StreamItem } from '../domain/stream.ts';
import type { StreamState } from '../domain/stream-state.ts';
import { type Transfer, transferOf } from '../domain/transfers.ts';
import { catchUp } from './catch-up.ts';
import type { Books } from './follow-books.ts';
import { followOrders } from './follow-orders.ts';
import { createLiveState } from './live-state.ts';
import { createPauses } from './pauses.ts';
import { createRun, type Run } from './reconcile-run.ts';
import type { Trading } from './trading.ts';

/** Time for one look at one order, or for one catch-up, ms. */
const LOOK_TIME = 10_000;
const CATCH_UP_TIME = 30_000;
const HEARTBEAT = 10_000;
/** Least time between two writes of the state for the sake of a balance, ms; beyond a burst they come with the heartbeat. */
const BALANCE_PAUSE = 1_000;
const BALANCE_BURST = 20;
/** A further write of that kind is earned every so often, ms. */
const BALANCE_EARNED = 30_000;
/** Not live for so long: something is wrong that a new start may mend, ms. */
const GIVE_UP_AFTER = 300_000;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;
/** At its end a task waits so long for what is at work: with its last heartbeat it is done before it is killed, ms. */
const DRAIN_TIME = 12_000;
const DRAIN_LOOK = 50;

export interface StreamTask {
  readonly trading: Trading;
  readonly modes: Modes;
  readonly items: AsyncIterable<StreamItem>;
  /** Names of the channels that tell of the account. */
  readonly privateChannels: readonly string[];
  /** Symbols of the configuration, whose prices are shared. */
  readonly symbols: readonly string[];
  /** Order books that are followed; absent: none. */
  readonly books?: Books;
  readonly transfers: Pick<TransferStore, 'save'>;
  readonly save: (state: StreamState, options: CallOptions) => Promise<void>;
}

/** What the outside may know of a running stream. */
interface StreamHealth {
  /** Subscribed to the account's channels and caught up, and the heartbeat is stored. */
  readonly good: boolean;
  /** Since when that is not so, local epoch ms. */
  readonly badSince?: number;
  readonly undecodable: number;
  readonly waiting: number;
  /** Symbols of the order books that are not those of the exchange now. */
  readonly staleBooks: readonly string[];
}

export interface Following {
  readonly health: () => StreamHealth;
  /**
   * Resolves when the items have ended, and everything that was heard is written or left to the reconciler; with the reason
   * when it gave up by itself: what follows nothing for minutes had better start anew.
   */
  readonly done: Promise<string | undefined>;
}

/**
 * Follows the account and the prices by the stream: orders, trades and balances go through the same use cases as everywhere
 * else, and every (re)connection is followed by a look at the state by REST, since the stream has no replay. Shares what it
 * knows with the other processes.
 */
export const followStream = (task: StreamTask): Following => {
  const { trading, modes, privateChannels, symbols, books } = task;
  const { clock, log, exchange, exchangeClock, ledger } = trading;
  const mine = new Set(privateChannels);
  const run = (time: number): Run => createRun(trading, modes, true, { deadline: clock.now() + time });
  const orders = followOrders(() => run(LOOK_TIME));
  let assets: ReadonlySet<string> = new Set();
  let badSince: number | undefined = clock.now();
  let beatAt = 0;
  let undecodable = 0;
  let ended = false;
  let balanceChanged = false;
  /** Private channels that are not subscribed. */
  const missing = new Set(privateChannels);
  /** Grows whenever that changes: a catch-up that began before does not count. */
  let turn = 0;
  /** A channel has become live that no catch-up has begun after yet. */
  let isDue = false;
  let isCatchingUp = false;
  const storing = new Set<Promise<void>>();
  const pauses = createPauses(clock);
  const live = createLiveState(
    new Set(symbols),
    () => assets,
    () => books?.best() ?? [],
    () => {
      balanceChanged = true;
    },
  );

  const isLive = (): boolean => badSince === undefined;

  const beat = async (): Promise<void> => {
    const now = clock.now();
    balanceChanged = false;
    try {
      await task.save(live.shared(now, isLive() && !ended), { deadline: now + HEARTBEAT / 2 });
      beatAt = now;
    } catch (error) {
      log.warn('the heartbeat could not be stored', { error: String(error) });
    }
  };

  const catchUpUntilDone = async (): Promise<void> => {
    const begun = turn;
    for (let pause = FIRST_PAUSE; !ended && begun === turn; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      const look = run(CATCH_UP_TIME);
      const complete = await look.guarded('catch up', async () => {
        const rules = await ledger.rules(look.options);
        assets = new Set(
          rules
            .filter(({ symbol }) => symbols.includes(symbol))
            .flatMap(({ baseAsset, quoteAsset }) => [baseAsset, quoteAsset]),
        );
        const time = (await look.measuredTime()) ?? exchangeClock.estimate();
        const asked = time ? earliest(time, clock.now()) : 0;
        const [told, caught] = await Promise.all([exchange.balances(look.options), catchUp(look)]);
        live.balances(told, asked);
        return caught;
      });
      if (begun !== turn) return;
      if (complete !== undefined && missing.size === 0 && !isLive()) {
        badSince = undefined;
        log.info('the stream is live: the state was read after the subscription');
        await beat();
      }
      if (complete) return;
      if (begun === turn && !ended) await pauses.pause(pause);
    }
  };

  /** One catch-up at a time: however often channels come and go during one, one more follows it. */
  const catchUpWhileDue = async (): Promise<void> => {
    if (isCatchingUp) return;
    isCatchingUp = true;
    while (isDue && !ended) {
      isDue = false;
      await catchUpUntilDone();
    }
    isCatchingUp = false;
  };

  /** @returns whether the account is concerned */
  const changed = (channels: readonly string[], change: (channel: string) => void): boolean => {
    const own = channels.filter((channel) => mine.has(channel));
    if (own.length === 0) return false;
    for (const channel of own) change(channel);
    turn += 1;
    pauses.interrupt();
    return true;
  };

  /** What comes from outside is told once: it is kept until it is stored. */
  const keep = (transfer: Transfer | undefined): void => {
    if (!transfer) return;
    log.info('coins came or went from outside', { asset: transfer.asset, cause: transfer.cause });
    const stored = untilStored(transfer).finally(() => storing.delete(stored));
    storing.add(stored);
  };
  const untilStored = async (transfer: Transfer): Promise<void> => {
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      try {
        return await task.transfers.save(transfer, { deadline: clock.now() + LOOK_TIME });
      } catch (error) {
        log.warn('a transfer could not be stored', { error: String(error) });
        // While it drains a task has no more time than this.
        if (ended) return;
        await pauses.pause(pause);
      }
    }
  };

  const take = (item: StreamItem): void => {
    books?.take(item);
    switch (item.kind) {
      case 'order':
        orders.order(item.order);
        break;
      case 'trade':
        orders.trade(item.trade);
        break;
      case 'balance':
        live.balance(item.balance, item.at);
        keep(transferOf(item));
        break;
      case 'prices':
        live.prices(item.prices);
        break;
      case 'live':
        if (!changed(item.channels, (channel) => missing.delete(channel))) break;
        isDue = true;
        void catchUpWhileDue();
        break;
      case 'hole':
        if (!changed(item.channels, (channel) => missing.add(channel))) break;
        badSince ??= clock.now();
        log.warn('the account is not followed for now', { why: item.why });
        break;
      case 'refused':
        log.error('the exchange refused a subscription', { channel: item.channel, why: item.why });
        break;
      case 'undecodable':
        undecodable += 1;
        log.error('a frame of the stream could not be read', { channel: item.channel, why: item.why });
        break;
    }
  };

  /** @returns the reason to give up; `undefined`: the items have ended */
  const beats = async (): Promise<string | undefined> => {
    let allowance = BALANCE_BURST;
    let earnedAt = clock.now();
    while (!ended) {
      const now = clock.now();
      if (badSince !== undefined && now - badSince > GIVE_UP_AFTER)
        return 'the account was not followed for minutes';
      const earned = Math.floor((now - earnedAt) / BALANCE_EARNED);
      allowance = Math.min(BALANCE_BURST, allowance + earned);
      earnedAt += earned * BALANCE_EARNED;
      if (now - beatAt >= HEARTBEAT) await beat();
      else if (balanceChanged && isLive() && allowance > 0) {
        allowance -= 1;
        await beat();
      }
      await clock.sleep(BALANCE_PAUSE);
    }
    return undefined;
  };

  /** What is not done in time is left to the reconciler. */
  const drain = async (): Promise<void> => {
    const until = clock.now() + DRAIN_TIME;
    orders.end();
    books?.end();
    const isBusy = (): boolean => isCatchingUp || orders.waiting() > 0 || storing.size > 0;
    while (isBusy() && clock.now() < until) await clock.sleep(DRAIN_LOOK);
  };

  const takeAll = async (): Promise<undefined> => {
    for await (const item of task.items) take(item);
  };

  const follow = async (): Promise<string | undefined> => {
    const beating = beats();
    try {
      return await Promise.race([takeAll(), beating]);
    } finally {
      ended = true;
      pauses.interrupt();
      await Promise.all([drain(), beating]);
      await beat();
    }
  };

  return {
    health: () => ({
      good: isLive() && clock.now() - beatAt < 3 * HEARTBEAT,
      ...(badSince !== undefined && { badSince }),
      undecodable,
      waiting: orders.waiting(),
      staleBooks: books?.stale() ?? [],
    }),
    done: follow(),
  };
};
