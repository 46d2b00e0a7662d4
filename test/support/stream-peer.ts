/** The exchange's end of one stream connection, as a test plays it. */
export interface Peer {
  /** The key in the address, if there was one. */
  readonly listenKey: string | undefined;
  /** Channels that it was asked for and took. */
  readonly subscribed: Set<string>;
  /** Every message that came, as it came. */
  readonly received: readonly string[];
  readonly isOpen: boolean;
  text(text: string): void;
  frame(bytes: Uint8Array): void;
  /** The connection ends from this side. */
  drop(): void;
}

/** What a test wants to be otherwise than a friendly exchange would have it. */
export interface Script {
  /** The answer to a subscription; `undefined`: none at all. @default the channel, as when it is taken */
  readonly acknowledge?: (channel: string, peer: Peer) => string | undefined;
  /** Whether pings are answered. @default true */
  readonly pongs?: (peer: Peer) => boolean;
  /** Whether a connection may be opened now. @default true */
  readonly admits?: () => boolean;
  /** A connection has just opened. */
  readonly opened?: (peer: Peer) => void;
}

interface Message {
  readonly method: string;
  readonly params?: readonly string[];
  readonly id?: number;
}

export const listenKeyIn = (url: string): string | undefined =>
  new URL(url, 'ws://exchange').searchParams.get('listenKey') ?? undefined;

/** Answers one message as reference section 11.2 says. */
export const answerTo = (peer: Peer, text: string, script: Script): void => {
  const { method, params = [], id = 0 }: Message = JSON.parse(text);
  if (method === 'PING') {
    if (script.pongs?.(peer) ?? true) peer.text('{"id":0,"code":0,"msg":"PONG"}');
    return;
  }
  const channel = params.join(',');
  if (method === 'UNSUBSCRIPTION') {
    peer.subscribed.delete(channel);
    peer.text(JSON.stringify({ id, code: 0, msg: channel }));
    return;
  }
  const answer = script.acknowledge ? script.acknowledge(channel, peer) : channel;
  if (answer === channel) peer.subscribed.add(channel);
  if (answer !== undefined) peer.text(JSON.stringify({ id, code: 0, msg: answer }));
};

/** What the exchange says of a channel that it will not have. */
export const refusal = (channel: string): string =>
  `Not Subscribed successfully! [${channel}].  Reason： Blocked! `;
