import type { Addressed, Mail, Post, PostAnswer } from './messengers.ts';

/** The queues of the channels. What is put into one is taken out in the same order. */
export interface NoticeQueues {
  /** A repeat within minutes is dropped. Throws when the queue did not take it. */
  put(addressed: Addressed): Promise<void>;
  /** Puts aside what can never be delivered, for the operator to look at. */
  putAside(addressed: Addressed): Promise<void>;
}

/** Sends a request to a messenger once. Never throws, and says nothing of the address. */
export interface Messenger {
  /** @param options.deadline local epoch ms */
  post(post: Post, options: { readonly deadline: number }): Promise<PostAnswer>;
}

/** Sends e-mail. */
export interface Mailer {
  /** Hands a mail over once, to be sent to the channel's address. Never throws. @param options.deadline local epoch ms */
  send(channel: string, mail: Mail, options: { readonly deadline: number }): Promise<PostAnswer>;
}

/** What the owner has set for the channels, by name. */
export interface ChannelAccess {
  /** @param maxAge read again when what is kept is older, ms. Throws `NotConfiguredError` while nothing is set */
  value(maxAge?: number): Promise<Readonly<Record<string, unknown>>>;
}
