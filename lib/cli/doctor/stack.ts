import * as z from 'zod';
import type { Verdict } from './verdict.ts';

const PATIENCE = 10_000;
const Health = z.looseObject({ status: z.string() });

/** Asks a stack's own `GET /health`. @param url of its API, without a path */
export const checkStack = async (url: string): Promise<Verdict> => {
  const about = url;
  try {
    const response = await fetch(new URL('/health', url), { signal: AbortSignal.timeout(PATIENCE) });
    const health = Health.safeParse(await response.json().catch(() => undefined)).data;
    if (response.ok && health)
      return {
        verdict: 'stack',
        level: 'ok',
        about,
        message: `The stack answers: ${health.status}.`,
        data: health,
      };
    return {
      verdict: 'stack',
      level: 'wrong',
      about,
      message: `The stack answers HTTP ${response.status} on /health.`,
      advice: 'Look into the log of read-state. Is this the address of the API, without a path?',
      data: { status: response.status },
    };
  } catch {
    return {
      verdict: 'stack',
      level: 'unreachable',
      about,
      message: 'The stack does not answer.',
      advice: 'The address is the output WebhookUrl without /webhook.',
    };
  }
};
