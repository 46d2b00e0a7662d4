import { estimateFrom } from '../../domain/exchange-time.ts';
import { readServerTime } from '../../mexc/account-data.ts';
import { publicGet } from '../../mexc/calls.ts';
import type { MexcSession } from '../../mexc/session.ts';
import { type Verdict, verdictOf } from './verdict.ts';

const SAMPLES = 5;
const PATIENCE = 8_000;
/** From there on the exchange refuses a request that is signed with the local clock, ms (reference section 5). */
const MOST_OFFSET = 1_000;
const NOTABLE_OFFSET = 250;

/** Whether the exchange answers, how long it takes, and how far its clock is from ours. */
export const checkReach = async ({
  caller,
  clock,
}: Pick<MexcSession, 'caller' | 'clock'>): Promise<Verdict[]> => {
  const trips: { readonly ms: number; readonly offset: number; readonly uncertainty: number }[] = [];
  try {
    for (let n = 0; n < SAMPLES; n += 1) {
      const options = { deadline: clock.now() + PATIENCE };
      const { data, sentAt, receivedAt } = await caller.once(publicGet('/api/v3/time', [], 'entry'), options);
      const { offset, uncertainty } = estimateFrom({ sentAt, receivedAt, serverTime: readServerTime(data) });
      trips.push({ ms: receivedAt - sentAt, offset, uncertainty });
    }
  } catch (error) {
    return [verdictOf(error, 'the exchange')];
  }
  const sorted = trips.toSorted((a, b) => a.ms - b.ms);
  const [best] = sorted;
  const p50 = sorted[Math.floor(SAMPLES / 2)]?.ms ?? Number.NaN;
  return [
    {
      verdict: 'round_trip',
      level: 'ok',
      message: `The exchange answers in ${p50} ms (p50 of ${SAMPLES}, the first with its connection).`,
      data: { p50Ms: p50, samples: trips.map(({ ms }) => ms) },
    },
    clockVerdict(best?.offset ?? 0, best?.uncertainty ?? 0),
  ];
};

const clockVerdict = (offset: number, uncertainty: number): Verdict => {
  const off = Math.abs(offset);
  const data = { offsetMs: Math.round(offset), uncertaintyMs: Math.round(uncertainty) };
  const direction = offset > 0 ? 'behind' : 'ahead of';
  const words = `This machine's clock is ${duration(off)} ${direction} the exchange's (± ${Math.round(uncertainty)} ms).`;
  if (off - uncertainty < NOTABLE_OFFSET)
    return {
      verdict: 'clock',
      level: 'ok',
      message: `The clocks agree within ${Math.ceil(off + uncertainty)} ms.`,
      data,
    };
  return {
    verdict: 'clock',
    level: off - uncertainty < MOST_OFFSET ? 'warn' : 'wrong',
    message: words,
    advice:
      "Switch time synchronisation on (NTP). Requests are signed with the exchange's own time, but the age of alerts is judged by the local one.",
    data,
  };
};

const duration = (ms: number): string =>
  ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
