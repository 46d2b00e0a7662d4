import { setTimeout } from 'node:timers/promises';
import { startLocal } from '../support/local-stack.ts';
import { alertOf, deliverUntilTaken } from '../support/webhook.ts';
import { median, percentile, rotated, rounded } from './statistics.ts';

const SENDERS = [1, 10] as const;
/** The account's budget lets about three orders a second be sent and seen with their fills: none waits for the one before. */
const ORDER_SPACING_MS = 400;
/** Of the alerts of a kind that is sent without a pause, so many are sent of one with pauses. */
const SPACED_SHARE = 1 / 3;

export interface WebhookSize {
  readonly rounds: number;
  /** Alerts of each kind in each round and for each number of senders. */
  readonly alerts: number;
  readonly warmUp: number;
}

/** Medians over the rounds. */
interface WebhookRow {
  readonly what: string;
  readonly senders: number;
  /** Answers a second; none where the alerts were spaced. */
  readonly perSecond?: number;
  readonly p50: number;
  readonly p99: number;
  /** Answers a second, against one sender in the same round. */
  readonly growth?: number;
}

export interface WebhookResults {
  readonly size: WebhookSize;
  readonly rows: readonly WebhookRow[];
}

interface Measured {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

interface Kind {
  readonly what: string;
  readonly fields: Record<string, unknown>;
  readonly senders: readonly number[];
  readonly spacingMs?: number;
}

const KINDS: readonly Kind[] = [
  {
    what: `order, alerts ${ORDER_SPACING_MS} ms apart`,
    fields: { quoteQuantity: '5' },
    senders: [1],
    spacingMs: ORDER_SPACING_MS,
  },
  // Authenticated, read, decided and stored, but nothing to send: what the stack takes without the exchange's pace.
  {
    what: 'alert that needs no order',
    fields: { quantity: '1', marketPosition: 'flat' },
    senders: SENDERS,
  },
];
const REPEAT = 'repeat of a stored alert';

/** A body is made when it is first sent, so that its alert is young, and is the same ever after. */
type Body = () => string;

const bodyOf = (fields: Record<string, unknown>): Body => {
  let made: string | undefined;
  return () => {
    made ??= alertOf(fields);
    return made;
  };
};

/** Sends each body once, `senders` at a time. An order that is not settled within its answer is answered 202. */
const measure = async (
  url: string,
  bodies: readonly Body[],
  { senders, spacingMs = 0 }: { senders: number; spacingMs?: number | undefined },
): Promise<Measured> => {
  const waiting = [...bodies];
  const times: number[] = [];
  const started = performance.now();
  const sender = async (): Promise<void> => {
    for (let body = waiting.pop(); body !== undefined; body = waiting.pop()) {
      const sent = performance.now();
      const { status, text } = await deliverUntilTaken({ url }, body());
      if (status !== 200 && status !== 202) throw new Error(`answered ${status}: ${text}`);
      times.push(performance.now() - sent);
      const pause = sent + spacingMs - performance.now();
      if (pause > 0) await setTimeout(pause);
    }
  };
  await Promise.all(Array.from({ length: senders }, sender));
  const perSecond = bodies.length / ((performance.now() - started) / 1_000);
  return { perSecond, p50: percentile(times, 0.5), p99: percentile(times, 0.99) };
};

/**
 * The webhook through the whole local stack: HTTP, runtime client, bundle, DynamoDB engine, simulator at its strict limits.
 * @param assembly folder of the synthesized template
 */
export const benchWebhook = async (size: WebhookSize, assembly: string): Promise<WebhookResults> => {
  const local = await startLocal({ assembly });
  try {
    let made = 0;
    const fresh = (count: number, fields: Record<string, unknown>): Body[] =>
      Array.from({ length: count }, () => {
        made += 1;
        return bodyOf({ ...fields, id: `bench-${made}` });
      });
    for (const { fields, senders, spacingMs } of KINDS)
      await measure(local.url, fresh(size.warmUp, fields), { senders: Math.max(...senders), spacingMs });

    /** By kind and senders, one entry a round. */
    const all = new Map<string, Measured[]>();
    const note = (what: string, senders: number, measured: Measured): void => {
      const key = `${what}/${senders}`;
      all.set(key, [...(all.get(key) ?? []), measured]);
    };
    for (let round = 0; round < size.rounds; round += 1) {
      for (const { what, fields, senders, spacingMs } of rotated(KINDS, round)) {
        for (const many of rotated(senders, round)) {
          const count = spacingMs === undefined ? size.alerts : Math.ceil(size.alerts * SPACED_SHARE);
          const bodies = fresh(count, fields);
          note(what, many, await measure(local.url, bodies, { senders: many, spacingMs }));
          if (spacingMs === undefined)
            note(REPEAT, many, await measure(local.url, bodies, { senders: many }));
        }
      }
    }
    const rows = [...KINDS, { what: REPEAT, senders: SENDERS, spacingMs: undefined }].flatMap(
      ({ what, senders, spacingMs }) =>
        senders.map((many) =>
          rowOf(
            what,
            many,
            spacingMs !== undefined,
            all.get(`${what}/${many}`) ?? [],
            all.get(`${what}/1`) ?? [],
          ),
        ),
    );
    return { size, rows };
  } finally {
    await local.stop();
  }
};

const rowOf = (
  what: string,
  senders: number,
  spaced: boolean,
  rounds: readonly Measured[],
  alone: readonly Measured[],
): WebhookRow => {
  const of = (value: (one: Measured) => number, digits: number): number =>
    rounded(median(rounds.map(value)), digits);
  const growth = median(rounds.map(({ perSecond }, n) => perSecond / (alone[n]?.perSecond ?? Number.NaN)));
  return {
    what,
    senders,
    ...(!spaced && { perSecond: of((one) => one.perSecond, 1), growth: rounded(growth, 2) }),
    p50: of((one) => one.p50, 1),
    p99: of((one) => one.p99, 1),
  };
};
