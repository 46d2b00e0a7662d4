import { startLocal } from '../support/local-stack.ts';
import { alertOf, deliver } from '../support/webhook.ts';
import { median, percentile, rounded } from './statistics.ts';

const SENDERS = [1, 10] as const;

export interface WebhookSize {
  readonly rounds: number;
  /** New alerts in each round and for each number of senders; each is then sent once more. */
  readonly alerts: number;
  readonly warmUp: number;
}

/** Medians over the rounds. */
interface WebhookRow {
  readonly what: 'new alert' | 'repeat of a stored alert';
  readonly senders: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Answers a second, against one sender in the same round. */
  readonly growth: number;
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

/** Sends each body once, `senders` at a time. */
const measure = async (url: string, bodies: readonly string[], senders: number): Promise<Measured> => {
  const waiting = [...bodies];
  const times: number[] = [];
  const started = performance.now();
  const sender = async (): Promise<void> => {
    for (let body = waiting.pop(); body !== undefined; body = waiting.pop()) {
      const sent = performance.now();
      const { status, text } = await deliver({ url }, body);
      if (status !== 200) throw new Error(`answered ${status}: ${text}`);
      times.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: senders }, sender));
  const perSecond = bodies.length / ((performance.now() - started) / 1_000);
  return { perSecond, p50: percentile(times, 0.5), p99: percentile(times, 0.99) };
};

/**
 * The webhook through the whole local stack: HTTP, runtime client, bundle, DynamoDB engine, simulator. Test alerts,
 * because they take every step of an order but the pace of ten a second.
 * @param assembly folder of the synthesized template
 */
export const benchWebhook = async (size: WebhookSize, assembly: string): Promise<WebhookResults> => {
  const local = await startLocal({ assembly });
  try {
    let made = 0;
    const fresh = (count: number): string[] =>
      Array.from({ length: count }, () => {
        made += 1;
        return alertOf({ quoteQuantity: '5', test: true, id: `bench-${made}` });
      });
    await measure(local.url, fresh(size.warmUp), Math.max(...SENDERS));

    const rounds: { senders: number; created: Measured; repeated: Measured }[][] = [];
    for (let round = 0; round < size.rounds; round += 1) {
      const results = [];
      for (const senders of round % 2 === 0 ? SENDERS : SENDERS.toReversed()) {
        const bodies = fresh(size.alerts);
        const created = await measure(local.url, bodies, senders);
        results.push({ senders, created, repeated: await measure(local.url, bodies, senders) });
      }
      rounds.push(results.sort((a, b) => a.senders - b.senders));
    }

    const rows = SENDERS.flatMap((senders, index) =>
      (['created', 'repeated'] as const).map((kind): WebhookRow => {
        const of = (value: (one: Measured, alone: Measured) => number): number =>
          median(
            rounds.flatMap((results) => {
              const one = results[index]?.[kind];
              const alone = results[0]?.[kind];
              return one && alone ? [value(one, alone)] : [];
            }),
          );
        return {
          what: kind === 'created' ? 'new alert' : 'repeat of a stored alert',
          senders,
          perSecond: rounded(
            of((one) => one.perSecond),
            1,
          ),
          p50: rounded(
            of((one) => one.p50),
            1,
          ),
          p99: rounded(
            of((one) => one.p99),
            1,
          ),
          growth: rounded(
            of((one, alone) => one.perSecond / alone.perSecond),
            2,
          ),
        };
      }),
    );
    return { size, rows };
  } finally {
    await local.stop();
  }
};
