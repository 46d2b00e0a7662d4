import * as z from 'zod';
import { type Notice, NoticeEvent } from './notice.ts';

export const MessengerKind = z.enum(['telegram', 'discord', 'slack', 'http']);
export type MessengerKind = z.infer<typeof MessengerKind>;

/** Events that a channel is told of. */
const events = z
  .array(NoticeEvent)
  .min(1)
  .default([...NoticeEvent.options]);

/** A way to the owner. What of a messenger is secret, addresses included, lies in the secret under the channel's name. */
export const Channel = z.discriminatedUnion('kind', [
  z.strictObject({ kind: MessengerKind, events }),
  z.strictObject({
    kind: z.literal('email'),
    /** Its owner has to confirm the subscription once. */
    address: z.email('must be an e-mail address'),
    events,
  }),
]);
export type Channel = z.infer<typeof Channel>;

export const Channels = z.record(z.string(), Channel);
export type Channels = z.infer<typeof Channels>;

/** A message for one channel, as it lies in that channel's queue. */
export interface Addressed {
  readonly channel: string;
  readonly notice: Notice;
}

/** One HTTP POST. The address is as secret as a password: messengers put their tokens into it. */
export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Plain HTTP reaches no further than this machine. */
const Address = z.union([
  z.url({ protocol: /^https$/ }),
  z.url({ protocol: /^http$/, hostname: /^(127\.0\.0\.1|localhost)$/ }),
]);

const TelegramAccess = z.object({
  botToken: z.string().regex(/^\d+:[\w-]+$/),
  chatId: z.union([z.string().min(1), z.int()]),
  /** Another Bot API server. */
  api: Address.default('https://api.telegram.org'),
});
const WebhookAccess = z.object({ url: Address });
const HttpAccess = WebhookAccess.extend({ authorization: z.string().min(1).optional() });

/**
 * The request that tells a notice. Texts of others (comments, reasons, names) come out as the text they are: they can neither
 * format, link nor mention anybody.
 * @param access what the secret holds for the channel
 * @returns undefined when that does not have the form that the messenger needs
 */
export const postOf = (kind: MessengerKind, access: unknown, notice: Notice): Post | undefined => {
  switch (kind) {
    case 'telegram': {
      const { success, data } = TelegramAccess.safeParse(access);
      if (!success) return undefined;
      return json(`${data.api.replace(/\/+$/, '')}/bot${data.botToken}/sendMessage`, {
        chat_id: data.chatId,
        parse_mode: 'HTML',
        link_preview_options: { is_disabled: true },
        // Within <code> Telegram makes no links, mentions or commands of what it finds.
        text: rendered(notice, {
          bold: (text) => `<b>${escapeHtml(text)}</b>`,
          value: (text) => `<code>${escapeHtml(text)}</code>`,
        }),
      });
    }
    case 'discord': {
      const { success, data } = WebhookAccess.safeParse(access);
      if (!success) return undefined;
      return json(data.url, {
        content: rendered(notice, { bold: (text) => `**${escapeDiscord(text)}**`, value: escapeDiscord }),
        allowed_mentions: { parse: [] },
        flags: SUPPRESS_EMBEDS,
      });
    }
    case 'slack': {
      const { success, data } = WebhookAccess.safeParse(access);
      if (!success) return undefined;
      return json(data.url, {
        text: rendered(notice, { bold: escapeHtml, value: escapeHtml }),
        mrkdwn: false,
        unfurl_links: false,
        unfurl_media: false,
      });
    }
    case 'http': {
      const { success, data } = HttpAccess.safeParse(access);
      if (!success) return undefined;
      const { id, event, at, title, lines } = notice;
      const body = { id, event, at: new Date(at).toISOString(), title, details: Object.fromEntries(lines) };
      return json(data.url, { ...body, text: plainText(notice) }, data.authorization);
    }
  }
};

/** Flag of a Discord message: no previews of links. */
const SUPPRESS_EMBEDS = 4;

const json = (url: string, body: object, authorization?: string): Post => ({
  url,
  headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
  body: JSON.stringify(body),
});

interface Style {
  readonly bold: (text: string) => string;
  readonly value: (text: string) => string;
}

const rendered = ({ title, lines, at, id }: Notice, { bold, value }: Style): string =>
  [
    bold(title),
    ...[...lines, ['at', new Date(at).toISOString()], ['event', id]].map(
      ([name = '', text = '']) => `${name}: ${value(text)}`,
    ),
  ].join('\n');

/** A notice without any form. */
export const plainText = (notice: Notice): string =>
  rendered(notice, { bold: (text) => text, value: (text) => text });

/** An e-mail. */
export interface Mail {
  readonly subject: string;
  readonly text: string;
}

/** SNS takes a subject of printable ASCII of fewer than a hundred characters, which does not begin with a blank. */
const SUBJECT = 99;

export const mailOf = (notice: Notice): Mail => ({
  subject:
    notice.title
      .replaceAll(/[^\x20-\x7e]/g, '?')
      .trim()
      .slice(0, SUBJECT) || 'mexc-serverless',
  text: plainText(notice),
});

/** What HTML, Telegram's as well as Slack's, does not take as text. */
const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** All that begins something in Discord's Markdown inside a line, addresses and emoji included. */
const escapeDiscord = (text: string): string => text.replaceAll(/[\\*_~`|<>[\]()#@:]/g, '\\$&');

/** What a messenger's answer means for a notice. */
export type Verdict =
  | { readonly kind: 'delivered' }
  /** Worth another try; `afterSeconds`: when the messenger said so. */
  | { readonly kind: 'later'; readonly why: string; readonly afterSeconds?: number }
  /** The same request will never be taken. */
  | { readonly kind: 'never'; readonly why: string };

/** What came back of a POST; `text` is the answer's beginning. */
export type PostAnswer =
  | { readonly kind: 'answer'; readonly status: number; readonly retryAfter?: string; readonly text: string }
  | { readonly kind: 'none'; readonly why: string };

/** Client errors that pass: timeout, too early, too many. */
const PASSING = new Set([408, 425, 429]);

/** Telegram says in `parameters.retry_after`, Discord in `retry_after`, how many seconds to wait. */
const RetryHint = z.object({
  retry_after: z.number().optional(),
  parameters: z.object({ retry_after: z.number().optional() }).optional(),
});

/** @param now epoch ms, for a Retry-After that is a date */
export const verdictOn = (answer: PostAnswer, now: number): Verdict => {
  if (answer.kind === 'none') return { kind: 'later', why: answer.why };
  const { status, text, retryAfter } = answer;
  const why = `status ${status}`;
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  if (status < 500 && !PASSING.has(status)) return { kind: 'never', why };
  const seconds = secondsOf(retryAfter, now) ?? hintIn(text);
  return { kind: 'later', why, ...(seconds !== undefined && { afterSeconds: seconds }) };
};

const secondsOf = (header: string | undefined, now: number): number | undefined => {
  if (header === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(header)) return Math.ceil(Number(header));
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
};

const hintIn = (text: string): number | undefined => {
  try {
    const hint = RetryHint.safeParse(JSON.parse(text));
    const seconds = hint.data?.parameters?.retry_after ?? hint.data?.retry_after;
    return seconds === undefined ? undefined : Math.max(0, Math.ceil(seconds));
  } catch {
    return undefined;
  }
};
