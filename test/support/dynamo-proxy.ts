import { Agent, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import { listenLocally } from '../../infra/local/ports.ts';

/** An answer as DynamoDB gives it. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** What becomes of one request. The engine gets it once it has arrived, whether or not the caller still waits. */
export type Fate =
  | { readonly kind: 'pass' }
  /** Answered here; the engine never sees it. */
  | { readonly kind: 'answer'; readonly answer: Answer }
  /** Carried out, and the connection reset instead of an answer. */
  | { readonly kind: 'apply-then-drop' }
  /** Carried out, and the answer ends in the middle. */
  | { readonly kind: 'apply-then-cut' }
  /** Carried out, and never answered. */
  | { readonly kind: 'apply-then-hang' }
  /** The connection is reset; the engine never sees it. */
  | { readonly kind: 'drop' }
  /** Never answered, never carried out. */
  | { readonly kind: 'hang' }
  /** Carried out after so many milliseconds. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Carried out once this has resolved. */
  | { readonly kind: 'after'; readonly done: () => Promise<unknown> }
  /** Carried out with another body. */
  | { readonly kind: 'rewrite'; readonly rewrite: (body: Call['body']) => Call['body'] }
  /** Carried out, and the answer changed on its way back. */
  | { readonly kind: 'change'; readonly change: (answer: Answer, call: Call) => Answer };

/** One request that came by. `arrived` and `answered` count moments of this proxy: equal numbers never occur. */
export interface Call {
  /** Such as `TransactWriteItems`. */
  readonly operation: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** `ClientRequestToken` of a transaction. */
  readonly token: string | undefined;
  readonly fate: Fate['kind'];
  readonly arrived: number;
  answered?: number;
  status?: number;
  /** Capacity units that the engine says it took, table and indexes; only when asked for at the start. */
  units?: number;
}

type Match = string | ((call: Call) => boolean);

export interface DynamoProxy {
  readonly url: string;
  /** All requests since the start or the last `forget`, by arrival. */
  readonly calls: readonly Call[];
  /** How often each operation was asked for. */
  counts(): Record<string, number>;
  /** Most requests that were open at one moment. */
  overlap(): number;
  forget(): void;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
  /** The next matching requests meet these fates, one each. */
  next(match: Match, ...fates: readonly Fate[]): void;
  /** Every matching request meets this fate, unless `next` says otherwise. @returns what ends it */
  always(match: Match, fate: Fate): () => void;
  close(): Promise<void>;
}

const Body = z.record(z.string(), z.unknown());
const Capacity = z.object({ CapacityUnits: z.number() });
const WithCapacity = z.object({ ConsumedCapacity: z.union([Capacity, z.array(Capacity)]) });

/**
 * An HTTP proxy before a DynamoDB engine: counts requests, and does to them what engines never do and networks do.
 * @param options.capacity asks the engine for the units of every request
 */
export const startProxy = async (
  engine: string,
  options: { readonly capacity?: boolean } = {},
): Promise<DynamoProxy> => {
  const agent = new Agent({ keepAlive: true });
  const calls: Call[] = [];
  const once: { match: Match; fate: Fate }[] = [];
  const standing: { match: Match; fate: Fate }[] = [];
  const serving = new Set<Promise<unknown>>();
  let moments = 0;
  const moment = (): number => {
    moments += 1;
    return moments;
  };

  const matches = (match: Match, call: Call) =>
    typeof match === 'string' ? call.operation === match : match(call);

  const fateOf = (call: Call): Fate => {
    const index = once.findIndex(({ match }) => matches(match, call));
    const [chosen] = index < 0 ? [] : once.splice(index, 1);
    return (chosen ?? standing.find(({ match }) => matches(match, call)))?.fate ?? { kind: 'pass' };
  };

  const underway = new Set<Promise<unknown>>();
  const forward = (incoming: IncomingMessage, call: Call, body = call.body): Promise<Answer> => {
    const answer = carryOut(incoming, call, body);
    const settled = answer.catch(() => {}).finally(() => underway.delete(settled));
    underway.add(settled);
    return answer;
  };

  const carryOut = async (incoming: IncomingMessage, call: Call, body: Call['body']): Promise<Answer> => {
    const sent = { ...body, ...(options.capacity && { ReturnConsumedCapacity: 'INDEXES' }) };
    const answer = await post(engine, agent, incoming, JSON.stringify(sent));
    call.status = answer.status;
    const capacity = WithCapacity.safeParse(parseJson(answer.body));
    if (capacity.success)
      call.units = [capacity.data.ConsumedCapacity].flat().reduce((sum, each) => sum + each.CapacityUnits, 0);
    return answer;
  };

  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const body = Body.parse(parseJson(await textOf(incoming)));
    const token = body.ClientRequestToken;
    const blank = {
      operation: String(incoming.headers['x-amz-target']).split('.').at(-1) ?? '',
      body,
      token: typeof token === 'string' ? token : undefined,
      fate: 'pass' as const,
      arrived: moment(),
    };
    const fate = fateOf(blank);
    const call: Call = { ...blank, fate: fate.kind };
    calls.push(call);
    const reply = ({ status, body: text }: Answer, cut = false): void => {
      call.answered = moment();
      call.status = status;
      if (outgoing.destroyed) return;
      outgoing.writeHead(status, {
        'content-type': 'application/x-amz-json-1.0',
        'content-length': Buffer.byteLength(text) + (cut ? 10 : 0),
      });
      if (!cut) outgoing.end(text);
      else outgoing.write(text, () => incoming.socket.destroy());
    };
    const reset = (): void => {
      call.answered = moment();
      incoming.socket.resetAndDestroy();
    };
    switch (fate.kind) {
      case 'pass':
        return reply(await forward(incoming, call));
      case 'answer':
        return reply(fate.answer);
      case 'apply-then-drop':
        await forward(incoming, call);
        return reset();
      case 'apply-then-cut':
        return reply(await forward(incoming, call), true);
      case 'apply-then-hang':
        await forward(incoming, call);
        return;
      case 'drop':
        return reset();
      case 'hang':
        return;
      case 'delay':
        await wait(fate.ms);
        return reply(await forward(incoming, call));
      case 'after':
        await fate.done();
        return reply(await forward(incoming, call));
      case 'rewrite':
        return reply(await forward(incoming, call, fate.rewrite(call.body)));
      case 'change':
        return reply(fate.change(await forward(incoming, call), call));
    }
  };

  const { url, close } = await listenLocally((incoming, outgoing) => {
    incoming.socket.setNoDelay(true);
    // A failure here is the test's failure: the caller sees a reset and says so.
    const served = serve(incoming, outgoing)
      .catch(() => incoming.socket.destroy())
      .finally(() => serving.delete(served));
    serving.add(served);
  });
  return {
    url,
    calls,
    counts: () => {
      const counts: Record<string, number> = {};
      for (const { operation } of calls) counts[operation] = (counts[operation] ?? 0) + 1;
      return counts;
    },
    overlap: () => {
      const steps = calls.flatMap(({ arrived, answered }) => [
        { at: arrived, by: 1 },
        ...(answered === undefined ? [] : [{ at: answered, by: -1 }]),
      ]);
      let open = 0;
      let most = 0;
      for (const { by } of steps.sort((a, b) => a.at - b.at)) {
        open += by;
        most = Math.max(most, open);
      }
      return most;
    },
    idle: async () => {
      while (serving.size > 0) await Promise.all(serving);
    },
    forget: () => {
      calls.length = 0;
    },
    next: (match, ...fates) => {
      once.push(...fates.map((fate) => ({ match, fate })));
    },
    always: (match, fate) => {
      const rule = { match, fate };
      standing.push(rule);
      return () => {
        standing.splice(standing.indexOf(rule), 1);
      };
    },
    close: async () => {
      await close();
      // What has reached the engine is carried out, and not after somebody else's test has begun.
      await Promise.all(underway);
      agent.destroy();
    },
  };
};

/** An error as DynamoDB words it. */
export const failure = (type: string, status = 400, more: Record<string, unknown> = {}): Answer => ({
  status,
  body: JSON.stringify({
    __type: `com.amazonaws.dynamodb.v20120810#${type}`,
    message: `${type} by the proxy`,
    ...more,
  }),
});

/** A cancelled transaction: one code for each of its items. */
export const canceled = (...codes: readonly string[]): Answer =>
  failure('TransactionCanceledException', 400, {
    Message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes.join(', ')}]`,
    CancellationReasons: codes.map((Code) => ({ Code, ...(Code !== 'None' && { Message: Code }) })),
  });

const post = (url: string, agent: Agent, { headers }: IncomingMessage, body: string): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { host: _h, connection: _c, 'content-length': _l, ...kept } = headers;
    const outgoing = request(url, {
      method: 'POST',
      agent,
      headers: { ...kept, 'content-length': Buffer.byteLength(body) },
    });
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      textOf(incoming).then((text) => resolve({ status: incoming.statusCode ?? 0, body: text }), reject);
    });
    outgoing.end(body);
  });

const textOf = async (stream: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
