import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { Io } from '../io.ts';
import { findLocalRun } from '../local-run.ts';
import { UnreachableError, UsageError } from '../program.ts';

/** Whose token a request carries. */
export type TokenKind = 'read' | 'admin' | 'webhook';

/** The token is missing or was not taken. */
export class ForbiddenError extends AppError {
  override name = 'ForbiddenError';

  constructor(message: string) {
    super('forbidden', message);
  }
}

/** Which stack is talked to, and by which tokens. */
export interface Target {
  /** Without a slash at its end. */
  readonly url: string;
  readonly isLocal: boolean;
  /** @throws ForbiddenError when there is none */
  token(kind: TokenKind): Promise<string>;
  /** True when it is known without asking anybody. */
  hasToken(kind: TokenKind): boolean;
}

const VARIABLES = {
  read: 'MEXC_READ_TOKEN',
  admin: 'MEXC_ADMIN_TOKEN',
  webhook: 'MEXC_WEBHOOK_TOKEN',
} as const;

const Kept = z.object({ readToken: z.string(), adminToken: z.string() });
/** What a header can hold. */
const TOKEN = /^[\x21-\x7e]+$/;
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;
const DEFAULT_PORT = '3000';
const PATIENCE = 5_000;

/**
 * The stack at `--url` or MEXC_URL, whose tokens are in the environment or asked for; else the one that runs here, whose tokens
 * are kept in its data directory. Tokens of the one are never sent to the other.
 * @throws UsageError for an address that no token may be sent to
 */
export const openTarget = async (given: string | undefined, io: Io): Promise<Target> => {
  const { environment } = io;
  const far = given ?? (environment.MEXC_URL || undefined);
  const url = far === undefined ? await localUrl(io) : readUrl(far);
  const kept = far === undefined ? localTokens(environment) : {};
  const known = (kind: TokenKind): string | undefined =>
    (far === undefined && kind !== 'webhook' ? kept[kind] : environment[VARIABLES[kind]]) || undefined;
  const asked = new Map<TokenKind, string | Promise<string>>();
  return {
    url,
    isLocal: far === undefined,
    hasToken: (kind) => known(kind) !== undefined,
    token: async (kind) => {
      const ask = async (): Promise<string> => {
        if (far === undefined) await probe(url);
        return io.ask(`${named(kind)} of ${url}: `);
      };
      const given = known(kind) ?? asked.get(kind) ?? ask();
      asked.set(kind, given);
      const token = (await given).trim();
      if (token === '')
        throw new ForbiddenError(
          `There is no ${named(kind).toLowerCase()}: ${far === undefined && kind !== 'webhook' ? 'npm start keeps it in DATA_DIR' : `set ${VARIABLES[kind]}`}.`,
        );
      if (kind !== 'webhook' && !TOKEN.test(token))
        throw new ForbiddenError(`The ${named(kind).toLowerCase()} holds characters that no token has.`);
      return token;
    },
  };
};

const named = (kind: TokenKind): string => `${kind[0]?.toUpperCase()}${kind.slice(1)} token`;

/** Nobody is asked for a token of something that does not run. @throws UnreachableError */
const probe = async (url: string): Promise<void> => {
  try {
    await fetch(`${url}/health`, { signal: AbortSignal.timeout(PATIENCE) });
  } catch {
    throw new UnreachableError('unreachable', `Nothing answers at ${url}: is npm start running?`);
  }
};

const localUrl = async (io: Io): Promise<string> =>
  (await findLocalRun(io))?.url.replace(/\/+$/, '') ??
  `http://127.0.0.1:${io.environment.PORT || DEFAULT_PORT}`;

/** As `npm start` takes them: settings first, then what it made and kept. */
const localTokens = (environment: Io['environment']): Partial<Record<TokenKind, string>> => {
  let kept: Partial<z.infer<typeof Kept>> = {};
  try {
    kept = Kept.parse(
      JSON.parse(readFileSync(join(environment.DATA_DIR || '.local', 'tokens.json'), 'utf8')),
    );
  } catch {
    // Nothing was started here yet.
  }
  const read = environment.READ_TOKEN || kept.readToken;
  const admin = environment.ADMIN_TOKEN || kept.adminToken;
  return { ...(read && { read }), ...(admin && { admin }) };
};

const readUrl = (text: string): string => {
  if (!URL.canParse(text))
    throw new UsageError(
      '--url must be an address such as https://abc.execute-api.ap-northeast-1.amazonaws.com.',
    );
  const { protocol, hostname, origin, pathname, username, password, search, hash } = new URL(text);
  if (username || password || search || hash)
    throw new UsageError('--url must be the address alone: no user, no question mark, no #.');
  if (protocol !== 'https:' && !(protocol === 'http:' && LOOPBACK.test(hostname)))
    throw new UsageError('--url must begin with https://: a token is sent along.');
  // The stack's output names the webhook.
  return `${origin}${pathname.replace(/\/(webhook\/?)?$/, '')}`;
};
