import type { Bar, CandleOverride, Print, State } from './state.ts';
import type { Store } from './store.ts';

export const MINUTE = 60_000;

/** The tape of one symbol by minutes since 1970, so that no question about a span costs more than the span. */
export type Tape = {
  /** By time within each minute. */
  prints: Map<number, Print[]>;
  overrides: Map<number, Bar | null>;
  /** Every minute with prints or an override, ascending. */
  minutes: number[];
  /** Bars of past minutes with prints, once they were asked for. */
  bars: Map<number, Bar | null>;
};

export function indexTapes(state: State): Map<string, Tape> {
  const tapes = new Map<string, Tape>();
  for (const [symbol, prints] of Object.entries(state.tape)) {
    for (const print of prints) indexPrint(tapeIn(tapes, symbol), print);
  }
  for (const override of state.candles.overrides) indexOverride(tapeIn(tapes, override.symbol), override);
  return tapes;
}

/** The tape of a symbol, empty as long as nothing happened. */
export function tapeOf(store: Store, symbol: string): Tape {
  return tapeIn(store.tapes, symbol);
}

export function addPrint(store: Store, symbol: string, print: Print): void {
  const prints = store.state.tape[symbol] ?? [];
  store.state.tape[symbol] = prints;
  prints.push(print);
  indexPrint(tapeOf(store, symbol), print);
  store.watch?.print(symbol, print);
}

/** Puts another bar, or none, in the place of a minute's candle. */
export function overrideMinute(store: Store, override: CandleOverride): void {
  store.state.candles.overrides.push(override);
  indexOverride(tapeOf(store, override.symbol), override);
}

/** The minutes from `from` (inclusive) to `to` (exclusive) with prints or an override, ascending. */
export function markedMinutes(tape: Tape, from: number, to: number): number[] {
  return tape.minutes.slice(rankOf(tape, from), rankOf(tape, to));
}

/** Price of the last print before a minute, or null when there is none. */
export function priceBefore(tape: Tape, minute: number): string | null {
  for (let rank = rankOf(tape, minute) - 1; rank >= 0; rank--) {
    const price = tape.prints.get(tape.minutes[rank] ?? Number.NaN)?.at(-1)?.price;
    if (price !== undefined) return price;
  }
  return null;
}

function tapeIn(tapes: Map<string, Tape>, symbol: string): Tape {
  const found = tapes.get(symbol) ?? {
    prints: new Map(),
    overrides: new Map(),
    minutes: [],
    bars: new Map(),
  };
  tapes.set(symbol, found);
  return found;
}

function indexPrint(tape: Tape, print: Print): void {
  const minute = Math.floor(print.time / MINUTE);
  const prints = tape.prints.get(minute);
  // Only a clock that was set back comes to a minute whose bar is kept; later ones begin at its last price.
  if (minute < (tape.minutes.at(-1) ?? minute) || tape.bars.has(minute)) tape.bars.clear();
  if (prints === undefined) {
    tape.prints.set(minute, [print]);
    mark(tape, minute);
    return;
  }
  // Almost always the end; a clock that was set back puts it further in front.
  let place = prints.length;
  while (place > 0 && (prints[place - 1]?.time ?? 0) > print.time) place -= 1;
  prints.splice(place, 0, print);
}

function indexOverride(tape: Tape, { minute, bar }: CandleOverride): void {
  tape.overrides.set(minute, bar);
  mark(tape, minute);
}

function mark(tape: Tape, minute: number): void {
  const rank = rankOf(tape, minute);
  if (tape.minutes[rank] !== minute) tape.minutes.splice(rank, 0, minute);
}

/** How many marked minutes are before this one. */
function rankOf({ minutes }: Tape, minute: number): number {
  let low = 0;
  let high = minutes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((minutes[middle] ?? 0) < minute) low = middle + 1;
    else high = middle;
  }
  return low;
}
