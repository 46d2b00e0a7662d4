import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { ApiKey } from '../../runtime/secrets.ts';
import type { Io } from '../io.ts';
import { findLocalRun } from '../local-run.ts';
import { UsageError } from '../program.ts';
import { openStackSecrets, type SecretId } from '../stack-secrets.ts';
import type { KeyKind } from './key.ts';

/** The exchange itself. */
const MEXC = 'https://api.mexc.com';
/** Symbols of a configuration that names none. */
const USUAL_SYMBOLS = ['SOLUSDT', 'XRPUSDT'];

export interface Asked {
  /** The exchange's REST API. */
  readonly exchange?: string | undefined;
  /** A deployed stack whose secrets hold the keys. */
  readonly stack?: string | undefined;
  /** Secrets Manager of a local run. */
  readonly endpoint?: string | undefined;
}

/** What is asked, and with which keys. */
export interface Surroundings {
  readonly exchange: string;
  /** Where the keys come from, in words. */
  readonly origin: string;
  readonly keys: Readonly<Partial<Record<KeyKind, ApiKey>>>;
}

const SECRETS: Readonly<Record<KeyKind, SecretId>> = { trade: 'TradeKey', read: 'ReadKey' };

/**
 * The exchange of the settings: the one that was named, that of the run on this machine, or MEXC. Keys of the environment come
 * before those of the run or the stack.
 */
export const findSurroundings = async (asked: Asked, io: Io): Promise<Surroundings> => {
  const { environment } = io;
  const named = asked.exchange ?? (environment.MEXC_REST_URL || undefined);
  const run = asked.stack === undefined && named === undefined ? await findLocalRun(io) : undefined;
  const exchange = originOf(named ?? run?.exchange ?? MEXC);
  const own = { trade: keyIn(environment, 'MEXC_TRADE'), read: keyIn(environment, 'MEXC_READ') };
  if (own.trade || own.read) return { exchange, origin: 'the environment', keys: given(own) };
  const endpoint = asked.endpoint ?? run?.secrets;
  if (endpoint === undefined && asked.stack === undefined) return { exchange, origin: 'nowhere', keys: {} };
  const secrets = openStackSecrets({ stack: asked.stack ?? '', endpoint });
  const keyOf = async (kind: KeyKind): Promise<ApiKey | undefined> => {
    const text = await secrets.read(SECRETS[kind]);
    return ApiKey.safeParse(jsonOf(text ?? '')).data;
  };
  const keys = given({ trade: await keyOf('trade'), read: await keyOf('read') });
  return { exchange, origin: asked.stack ? `the stack ${asked.stack}` : 'the local run', keys };
};

const given = (keys: Readonly<Record<KeyKind, ApiKey | undefined>>): Surroundings['keys'] => ({
  ...(keys.trade && { trade: keys.trade }),
  ...(keys.read && { read: keys.read }),
});

/** The exchange alone, for whoever has keys of another origin. */
export const exchangeAddress = async ({ exchange }: Pick<Asked, 'exchange'>, io: Io): Promise<string> => {
  const named = exchange ?? (io.environment.MEXC_REST_URL || undefined);
  return originOf(named ?? (await findLocalRun(io))?.exchange ?? MEXC);
};

/** @throws UsageError unless it is http(s)://host */
const originOf = (text: string): string => {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol))
    throw new UsageError('The exchange must be an http or https address.');
  return url.origin;
};

const keyIn = (environment: Io['environment'], prefix: string): ApiKey | undefined =>
  ApiKey.safeParse({
    accessKey: environment[`${prefix}_ACCESS_KEY`],
    secretKey: environment[`${prefix}_SECRET_KEY`],
  }).data;

const Named = z.object({ symbols: z.array(z.string().min(1)).min(1) });
const Context = z.object({ context: z.object({ mexc: Named }) });

/** The symbols of the configuration: CONFIG, else the context in cdk.json of this folder. */
export const configuredSymbols = ({ environment }: Pick<Io, 'environment'>): readonly string[] => {
  if (environment.CONFIG) return Named.safeParse(fileOf(environment.CONFIG)).data?.symbols ?? USUAL_SYMBOLS;
  return Context.safeParse(fileOf('cdk.json')).data?.context.mexc.symbols ?? USUAL_SYMBOLS;
};

const fileOf = (path: string): unknown => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
