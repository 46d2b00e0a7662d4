import * as z from 'zod';

/** The longest frame that is read, in bytes. */
const MOST_BYTES = 1024;

const ControlMessage = z.object({
  method: z.enum(['SUBSCRIPTION', 'UNSUBSCRIPTION', 'PING']),
  params: z.array(z.string()).catch([]),
  /** Whatever is no unsigned integer counts as none. */
  id: z.int().min(0).catch(0),
});
export type ControlMessage = z.infer<typeof ControlMessage>;

export function isTooLong(text: string): boolean {
  return text.length > MOST_BYTES || Buffer.byteLength(text) > MOST_BYTES;
}

/** What a client asks for, null when it is nothing the exchange knows. */
export function readControl(text: string): ControlMessage | null {
  try {
    return ControlMessage.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** Every answer has the code 0, refusals too. */
export function answerText(id: number, msg: string): string {
  return JSON.stringify({ id, code: 0, msg });
}

/** Both blanks and the full-width colon are the exchange's. */
export function refusalText(channels: readonly string[]): string {
  return `Not Subscribed successfully! [${channels.join(',')}].  Reason： Blocked!`;
}

export const INVALID_KEY = 'Invalid listen key';
