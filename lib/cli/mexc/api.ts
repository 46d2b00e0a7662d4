import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import { AppError } from '../../domain/errors.ts';
import { UnreachableError } from '../program.ts';
import { ForbiddenError, type Target, type TokenKind } from './target.ts';

/** The API understood, and will not: exit status 1. */
export class RefusedError extends AppError {
  override name = 'RefusedError';
  readonly details: readonly Problem[];
  /** The whole answer, for programs. */
  readonly body: unknown;

  constructor(code: string, message: string, details: readonly Problem[], body: unknown) {
    super(code, message);
    this.details = details;
    this.body = body;
  }
}

const Problem = z.object({ path: z.string(), message: z.string() });
type Problem = z.infer<typeof Problem>;

const Failure = z.object({
  error: z.object({ code: z.string(), message: z.string(), details: z.array(Problem).optional() }),
});

/** The HTTP API of one stack. */
export interface Api {
  readonly target: Target;
  /** @throws UnreachableError, ForbiddenError, RefusedError */
  get<Shape extends z.ZodType>(
    path: string,
    shape: Shape,
    query?: Query,
    kind?: TokenKind,
  ): Promise<z.infer<Shape>>;
  /** `PUT /control`; the status tells what holds already (200) from what is being done (202). */
  control<Shape extends z.ZodType>(body: object, shape: Shape): Promise<z.infer<Shape>>;
  /** `POST /webhook`, with the token put in. */
  alert<Shape extends z.ZodType>(body: object, shape: Shape): Promise<z.infer<Shape>>;
}

type Query = Readonly<Record<string, string | number | undefined>>;

/** Longer than the longest answer takes, ms. */
const PATIENCE = 30_000;
/** The gateway lets 25 requests a second through: whoever is turned away asks again so often, after so long. */
const MOST_TRIES = 5;
const PAUSE = 1_000;

export const openApi = (target: Target): Api => {
  const ask = async <Shape extends z.ZodType>(
    call: {
      readonly method: string;
      readonly path: string;
      readonly query?: Query | undefined;
      readonly body?: object;
    },
    kind: TokenKind,
    shape: Shape,
  ): Promise<z.infer<Shape>> => {
    const token = await target.token(kind);
    const body = call.body && (kind === 'webhook' ? { token, ...call.body } : call.body);
    const url = new URL(`${target.url}${call.path}`);
    for (const [name, value] of Object.entries(call.query ?? {}))
      if (value !== undefined) url.searchParams.set(name, String(value));
    for (let tries = 1; ; tries += 1) {
      const answer = await send(url, target, {
        method: call.method,
        headers: {
          ...(kind !== 'webhook' && { authorization: `Bearer ${token}` }),
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      const isTurnedAway = answer.status === 429 && !Failure.safeParse(answer.body).success;
      if (isTurnedAway && tries < MOST_TRIES) await wait(PAUSE);
      else return understood(answer, kind, shape, target);
    }
  };
  return {
    target,
    get: (path, shape, query, kind = 'read') => ask({ method: 'GET', path, query }, kind, shape),
    control: (body, shape) => ask({ method: 'PUT', path: '/control', body }, 'admin', shape),
    alert: (body, shape) => ask({ method: 'POST', path: '/webhook', body }, 'webhook', shape),
  };
};

interface Answer {
  readonly status: number;
  /** `undefined` when it was no JSON. */
  readonly body: unknown;
}

const send = async (url: URL, { isLocal }: Target, init: RequestInit): Promise<Answer> => {
  try {
    // A token goes to the address that was given, nowhere else.
    const response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(PATIENCE) });
    return { status: response.status, body: jsonOf(await response.text()) };
  } catch (error) {
    throw new UnreachableError(
      'unreachable',
      `Nothing answers at ${url.origin} (${whyOf(error)})${isLocal ? ': is npm start running?' : '.'}`,
    );
  }
};

/** The system's word for what went wrong: messages of the client may quote the request. */
const whyOf = (error: unknown): string => {
  if (error instanceof Error && error.name === 'TimeoutError') return `no answer in ${PATIENCE / 1_000} s`;
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'no connection';
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const understood = <Shape extends z.ZodType>(
  { status, body }: Answer,
  kind: TokenKind,
  shape: Shape,
  { url }: Target,
): z.infer<Shape> => {
  const failure = Failure.safeParse(body).data?.error;
  if (failure && (status === 401 || status === 403))
    throw new ForbiddenError(`${url} refuses the ${kind} token: ${failure.message}`);
  if (failure) throw new RefusedError(failure.code, failure.message, failure.details ?? [], body);
  if (status >= 500 || status === 429)
    throw new UnreachableError('unreachable', `${url} gives no answer now (HTTP ${status}): try again.`);
  const read = status < 300 ? shape.safeParse(body) : undefined;
  if (read?.success) return read.data;
  const what = read ? 'an answer of another form' : `HTTP ${status}`;
  throw new AppError('not_this_api', `${url} gives ${what}: is it the address of this stack?`);
};
