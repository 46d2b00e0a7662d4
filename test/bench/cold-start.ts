import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { type RuntimeSpec, startRuntime } from '../../infra/local/runtime-process.ts';
import { alertOf } from '../support/webhook.ts';
import { COLD_STRATEGIES, openColdWorld } from './cold-world.ts';
import { bundleBytes, bundleContender } from './programs.ts';
import { median, type Ratio, ratioOf, rotated, rounded } from './statistics.ts';

const CONTENDERS = ['ours', 'ccxt', 'empty'] as const;
type Contender = (typeof CONTENDERS)[number];

/** Milliseconds from the start of the process. */
interface ColdStart {
  /** The handler is loaded and the runtime asks for its first event. */
  readonly init: number;
  /** The answer to the first event has arrived. */
  readonly first: number;
  /** 1 when the answer was the expected one; 0 when the order left, but its fills could not be read back in time. */
  readonly complete: number;
}

export interface ColdStartSize {
  readonly rounds: number;
  /** Of each contender in each round. */
  readonly starts: number;
}

export interface ColdStartResults {
  readonly size: ColdStartSize;
  /** Medians over the rounds' medians, the share of complete answers, and the size of the bundle. */
  readonly contenders: Record<Contender, ColdStart & { readonly bytes: number }>;
  readonly initOfCcxt: Ratio;
  readonly initOfEmpty: Ratio;
  readonly firstOfCcxt: Ratio;
  readonly firstOfEmpty: Ratio;
}

const Answer = z.object({ statusCode: z.literal([200, 202]), body: z.string() });

/** The order has left, or there was none to be sent. */
const SENT = /^\{\}$|"state":"(submitting|open|partially_filled|filled)"/u;

let events = 0;

const nextStrategy = (): string => {
  events += 1;
  return COLD_STRATEGIES[events % COLD_STRATEGIES.length] ?? '';
};

/** The event of one alert: a market buy, as API Gateway passes it on. */
const eventOf = (id: string, strategy: string): unknown => ({
  version: '2.0',
  routeKey: 'POST /webhook',
  rawPath: '/webhook',
  rawQueryString: '',
  headers: { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'Go-http-client/1.1' },
  requestContext: {
    http: {
      method: 'POST',
      path: '/webhook',
      protocol: 'HTTP/1.1',
      sourceIp: '52.89.214.238',
      userAgent: '',
    },
    requestId: id,
    routeKey: 'POST /webhook',
    stage: '$default',
    timeEpoch: Date.now(),
  },
  body: alertOf({ strategy, id, quoteQuantity: '5', comment: 'long entry', info: { interval: '15' } }),
  isBase64Encoded: false,
});

/** Starts AWS's runtime client with the handler, sends one event and ends the process. */
const startCold = async (spec: RuntimeSpec, expected: string): Promise<ColdStart> => {
  const lines: string[] = [];
  const idle = Promise.withResolvers<void>();
  const began = performance.now();
  const runtime = await startRuntime(spec, {
    onIdle: idle.resolve,
    onInitFailure: ({ payload }) => idle.reject(new Error(payload)),
    onGone: () => {},
    onLine: (line) => lines.push(line),
  });
  try {
    await idle.promise;
    const init = performance.now() - began;
    const requestId = randomUUID();
    const event = JSON.stringify(eventOf(requestId.slice(0, 20), nextStrategy()));
    const { payload } = await runtime.invoke({ requestId, functionArn: spec.name, payload: event });
    const first = performance.now() - began;
    const answer = Answer.safeParse(JSON.parse(payload));
    if (!answer.success || !SENT.test(answer.data.body))
      throw new Error(`${spec.name} answered ${payload}\n${lines.join('\n')}`);
    return { init, first, complete: answer.data.body.includes(expected) ? 1 : 0 };
  } finally {
    await runtime.kill();
  }
};

/**
 * From the start of the process to the answer to its first alert, under AWS's runtime client: `place-order` as deployed,
 * the same job written with ccxt, and an empty handler.
 * @param assembly folder of the synthesized template
 * @param folder where bundles and data are put
 */
export const benchColdStarts = async (
  size: ColdStartSize,
  assembly: string,
  folder: string,
): Promise<ColdStartResults> => {
  const world = await openColdWorld(assembly, folder);
  const bundles: Record<Contender, string> = {
    ours: world.placeOrder.folder,
    ccxt: bundleContender('handler-ccxt', folder).folder,
    empty: bundleContender('handler-empty', folder).folder,
  };
  const expected: Record<Contender, string> = { ours: '"filled"', ccxt: '"open"', empty: '{}' };
  const all: Record<Contender, ColdStart[]> = { ours: [], ccxt: [], empty: [] };
  try {
    for (let round = 0; round < size.rounds; round += 1) {
      await world.refresh();
      const starts: Record<Contender, ColdStart[]> = { ours: [], ccxt: [], empty: [] };
      for (let n = 0; n < size.starts; n += 1) {
        for (const name of rotated(CONTENDERS, round + n))
          starts[name].push(await startCold(world.spec(name, bundles[name]), expected[name]));
      }
      for (const name of CONTENDERS) all[name].push(mediansOf(starts[name]));
    }
  } finally {
    await world.stop();
  }

  const ratio = (field: keyof ColdStart, other: Contender): Ratio =>
    ratioOf(
      all.ours.map((one) => one[field]),
      all[other].map((one) => one[field]),
    );
  const result = (name: Contender) => {
    const { init, first, complete } = mediansOf(all[name]);
    return {
      init: rounded(init, 1),
      first: rounded(first, 1),
      complete: rounded(complete, 2),
      bytes: bundleBytes(bundles[name]),
    };
  };
  return {
    size,
    contenders: { ours: result('ours'), ccxt: result('ccxt'), empty: result('empty') },
    initOfCcxt: ratio('init', 'ccxt'),
    initOfEmpty: ratio('init', 'empty'),
    firstOfCcxt: ratio('first', 'ccxt'),
    firstOfEmpty: ratio('first', 'empty'),
  };
};

const mediansOf = (starts: readonly ColdStart[]): ColdStart => ({
  init: median(starts.map(({ init }) => init)),
  first: median(starts.map(({ first }) => first)),
  complete: starts.reduce((sum, { complete }) => sum + complete, 0) / starts.length,
});
