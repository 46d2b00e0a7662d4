import * as z from 'zod';
import { redact } from '../redact.ts';

/** What a text frame says (reference section 11.2). */
export type ControlText =
  | { readonly kind: 'pong' }
  /** To the request with this number; `text` is the channel when it was accepted. */
  | { readonly kind: 'answer'; readonly id: number; readonly code: number; readonly text: string }
  | { readonly kind: 'bad-listen-key' }
  | { readonly kind: 'unreadable' };

const Answer = z.object({
  id: z.coerce.number().int().catch(0),
  code: z.coerce.number().catch(0),
  msg: z.string(),
});

const BAD_KEY = /invalid\s+listen\s*key/iu;

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

export const readControlText = (text: string): ControlText => {
  const answer = Answer.safeParse(parsed(text));
  if (BAD_KEY.test(answer.success ? answer.data.msg : text)) return { kind: 'bad-listen-key' };
  if (!answer.success) return { kind: 'unreadable' };
  const { id, code, msg } = answer.data;
  return msg === 'PONG' ? { kind: 'pong' } : { kind: 'answer', id, code, text: msg };
};

/** Refusals have code 0 too: only the text tells (section 11.2). @returns why it was refused, if it was */
export const refusalOf = (
  { code, text }: { readonly code: number; readonly text: string },
  channel: string,
): string | undefined => (code === 0 && text === channel ? undefined : redact(text, []) || `code ${code}`);
