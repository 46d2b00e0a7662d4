import * as z from 'zod';

/** The alert as it is kept, without its token: members by name, numbers by their digits. */
export type Asked = Readonly<Record<string, unknown>>;

const Members = z.record(z.string(), z.unknown());

export const readAsked = (text: string): Asked => {
  try {
    const digits = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
      typeof value === 'number' ? (context?.source ?? String(value)) : value;
    return Members.parse(JSON.parse(text, digits));
  } catch {
    return {};
  }
};

/** A member as text, if it has any. */
export const textAt = (asked: Asked, name: string): string | undefined => {
  const value = asked[name];
  return typeof value === 'string' ? value : undefined;
};

/** When it fired by its own account, epoch ms. */
export const firedAt = (asked: Asked): number | undefined => {
  const text = textAt(asked, 'time');
  if (text === undefined) return undefined;
  const ms = /^\d{12,14}$/.test(text) ? Number(text) : Date.parse(text);
  return Number.isFinite(ms) ? ms : undefined;
};
