import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { numberAt } from '../domain/candle-interval.ts';
import { type AskedCandles, readCandleRequest } from '../domain/candle-request.ts';
import { AppError } from '../domain/errors.ts';
import { createProgress } from './progress.ts';

/** An invocation that made no way is followed by so many more at most, each after a pause: the exchange asked for silence. */
const MOST_IDLE = 20;
const PAUSE = 15_000;
const PATIENCE = 5 * 60_000;

const Answer = z.object({
  requested: z.number(),
  written: z.number(),
  holes: z.array(z.object({ from: z.string(), to: z.string(), label: z.string() })),
  cursor: z.string().optional(),
});
const Failure = z.object({ errorMessage: z.string() });

type Environment = Readonly<Record<string, string | undefined>>;

/** The function of a deployed stack by its name, else that of the stack that runs here. */
const invokerOf = (environment: Environment): ((payload: object) => Promise<unknown>) => {
  const name = environment.PULL_KLINES_FUNCTION;
  const client = new LambdaClient({
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: PATIENCE },
    ...(!name && {
      endpoint: environment.CANDLES_URL ?? 'http://127.0.0.1:3000',
      region: 'local',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    }),
  });
  return async (payload) => {
    const { Payload, FunctionError } = await client.send(
      new InvokeCommand({ FunctionName: name ?? 'pull-klines', Payload: JSON.stringify(payload) }),
    );
    const answer: unknown = JSON.parse(Buffer.from(Payload ?? []).toString('utf8'));
    if (!FunctionError) return answer;
    throw new AppError('backfill', Failure.safeParse(answer).data?.errorMessage ?? 'pull-klines has failed');
  };
};

/** Invokes the function again and again with the cursor that it answers, until the range is done. @returns exit status */
export const runBackfill = async (
  asked: AskedCandles,
  environment: Environment,
  json: boolean,
): Promise<number> => {
  // What is wrong is said here already; the exchange's own time decides in the function.
  const { series, range } = readCandleRequest(asked, Date.now());
  const invoke = invokerOf(environment);
  const progress = createProgress(range.end - range.first, 'candles', process.stderr);
  const holes = new Map<string, number>();
  let cursor: string | undefined;
  let written = 0;
  for (let idle = 0; ; ) {
    const backfill = { ...asked, ...(cursor !== undefined && { cursor }) };
    const answer = Answer.parse(await invoke({ backfill }));
    written += answer.written;
    for (const { from, to, label } of answer.holes) {
      const slots = numberAt(series.interval, Date.parse(to)) - numberAt(series.interval, Date.parse(from));
      holes.set(label, (holes.get(label) ?? 0) + slots);
    }
    idle = answer.requested > 0 ? 0 : idle + 1;
    cursor = answer.cursor;
    const done = cursor === undefined ? range.end : numberAt(series.interval, Date.parse(cursor));
    progress.show(done - range.first);
    if (cursor === undefined) break;
    if (idle > MOST_IDLE)
      throw new AppError('backfill', `no way is made any more; go on later from ${cursor}`);
    if (idle > 0) await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  progress.end();
  const said = [...holes].map(([label, slots]) => `${slots} ${label}`).join(', ');
  if (json) process.stdout.write(`${JSON.stringify({ written, holes: Object.fromEntries(holes) })}\n`);
  process.stderr.write(`${written} candles written; ${said === '' ? 'no holes' : `holes: ${said}`}\n`);
  return holes.has('fetch-failed') ? 1 : 0;
};
