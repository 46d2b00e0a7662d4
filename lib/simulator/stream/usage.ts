/** What the stream was used for since the exchange opened. */
export type StreamUsage = {
  /** Open now, and most at once. */
  connections: number;
  peak: number;
  /** Valid listen keys by account. */
  listenKeys: Record<string, number>;
  opened: number;
  /** Connections that did not come about. */
  turnedAway: number;
  /** Connections that were opened with an invalid listen key. */
  invalidKeys: number;
  /** Why the exchange ended connections: a rule of section 11.1, or a fault or command. */
  ended: { rule: number; disturbance: number };
  /** Messages beyond 100 a second, and frames that were too long. */
  refusedMessages: number;
  refusedFrames: number;
  /** Channels asked for in vain. */
  refusedChannels: number;
  /** Pushes delivered by channel, to however many connections. */
  pushes: Record<string, number>;
};

export function noUsage(): Omit<StreamUsage, 'connections' | 'listenKeys'> {
  return {
    peak: 0,
    opened: 0,
    turnedAway: 0,
    invalidKeys: 0,
    ended: { rule: 0, disturbance: 0 },
    refusedMessages: 0,
    refusedFrames: 0,
    refusedChannels: 0,
    pushes: {},
  };
}
