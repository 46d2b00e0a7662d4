import type { Progress } from '../progress.ts';
import { createProgress } from '../progress.ts';
import type { Api } from './api.ts';

/** Where progress is shown. */
export type Screen = Pick<NodeJS.WriteStream, 'write' | 'isTTY'>;

/** What every command that talks to the API works with. */
export interface Session {
  readonly api: Api;
  readonly json: boolean;
  /** A line of text for a person. What could steer a terminal is shown as its code. */
  readonly say: (line?: string) => void;
  /** A value for a program, on one line. */
  readonly print: (value: unknown) => void;
  /** Text as it is, which ends in a line's end. */
  readonly write: (text: string) => void;
  /** A line beside the output. */
  readonly warn: (line: string) => void;
  /** Asks whether to go on; nothing but `yes` does. */
  readonly confirm: (question: string) => Promise<boolean>;
  readonly progress: (total: number, unit: string) => Progress;
  readonly now: () => number;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const STEERING = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

const coded = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** A text of the ledger may come from anybody who knows a webhook token: nothing in it may move the cursor or turn the line. */
export const harmless = (text: string): string => text.replace(STEERING, coded);

/** JSON on one line; its strings stay what they are. */
export const jsonLine = (value: unknown): string => harmless(JSON.stringify(value));

export const progressOn =
  (screen: Screen) =>
  (total: number, unit: string): Progress =>
    createProgress(total, unit, screen);
