import { randomBytes } from 'node:crypto';
import { WebhookTokens } from '../runtime/secrets.ts';

/** 256 bits: nobody guesses one, so that the webhook needs no lock-out. */
const TOKEN_BYTES = 32;
/** Printable, without what would have to be escaped in an alert's JSON. */
const STRATEGY = /^[^\p{C}"\\{}]{1,64}$/u;

export type Changed =
  | { readonly tokens: WebhookTokens /** Absent when none was made. */; readonly token?: string }
  | { readonly refusal: string };

/**
 * A token of its own for a strategy.
 * @param stored value of the secret; undefined while it was never set
 * @param beside the strategy has one, which goes on working beside the new one
 */
export const makeToken = (stored: string | undefined, strategy: string, beside: boolean): Changed => {
  const tokens = tokensIn(stored);
  if (!tokens) return DAMAGED;
  if (!STRATEGY.test(strategy) || strategy in Object.prototype)
    return {
      refusal: 'The name of a strategy is 1 to 64 characters without quotes, backslashes and braces.',
    };
  const old = [tokens[strategy] ?? []].flat();
  if (old.length > 0 && !beside)
    return {
      refusal: `Strategy ${strategy} has a token already. --rotate makes a new one beside it; the old one goes on working until --drop-old.`,
    };
  if (old.length > 1)
    return { refusal: `The token of ${strategy} is being rotated already: end that with --drop-old first.` };
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  return { token, tokens: { ...tokens, [strategy]: [...old, token] } };
};

/** Ends a rotation: only the newest token stays. */
export const dropOldToken = (stored: string | undefined, strategy: string): Changed => {
  const tokens = tokensIn(stored);
  if (!tokens) return DAMAGED;
  const all = Object.hasOwn(tokens, strategy) ? [tokens[strategy] ?? []].flat() : [];
  const newest = all.at(-1);
  if (newest === undefined) return { refusal: `Strategy ${strategy} has no token.` };
  if (all.length === 1) return { refusal: `Strategy ${strategy} has no older token.` };
  return { tokens: { ...tokens, [strategy]: [newest] } };
};

const DAMAGED: Changed = {
  refusal:
    'The secret WebhookTokens does not have the form {"strategy": "token" or ["token"]}: look at it before anything is written over.',
};

const tokensIn = (stored: string | undefined): WebhookTokens | undefined => {
  if (stored === undefined || stored.trim() === '') return {};
  try {
    return WebhookTokens.safeParse(JSON.parse(stored)).data;
  } catch {
    return undefined;
  }
};

/** The message of a TradingView strategy alert: one template for every order, by what the strategy should hold. */
export const alertTemplate = (strategy: string, token: string): string =>
  [
    `{"token": ${JSON.stringify(token)}, "strategy": ${JSON.stringify(strategy)}, "time": "{{timenow}}",`,
    ' "symbol": "{{ticker}}", "action": "target", "targetQuantity": "{{strategy.position_size}}",',
    ' "marketPosition": "{{strategy.market_position}}", "signalPrice": "{{close}}",',
    ' "comment": "{{strategy.order.comment}}"}',
  ].join('\n');
