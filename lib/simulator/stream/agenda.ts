/** What is to happen when, on a time in milliseconds that never goes back. */
export type Agenda = {
  now(): number;
  /** Runs `run` at `due`, or with the next `runUntil` when that is past; what is due at one time in the order of asking. */
  at(due: number, run: () => void): void;
  /** Goes on to `time`, from one entry to the next. */
  runUntil(time: number): void;
  /** When the next entry is due, Infinity when there is none. */
  next(): number;
  /** Drops everything and begins again at `time`. */
  restart(time: number): void;
};

type Entry = { due: number; order: number; run: () => void };

const isBefore = (a: Entry, b: Entry): boolean => a.due < b.due || (a.due === b.due && a.order < b.order);

export function createAgenda(): Agenda {
  let time = 0;
  let order = 0;
  /** The next one last: taking it out moves nothing. */
  let entries: Entry[] = [];
  return {
    now: () => time,
    at(due, run) {
      const entry = { due, order: order++, run };
      let low = 0;
      let high = entries.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        const other = entries[middle];
        if (other !== undefined && isBefore(entry, other)) low = middle + 1;
        else high = middle;
      }
      entries.splice(low, 0, entry);
    },
    runUntil(until) {
      for (let entry = entries.at(-1); entry !== undefined && entry.due <= until; entry = entries.at(-1)) {
        entries.pop();
        time = Math.max(time, entry.due);
        entry.run();
      }
      time = Math.max(time, until);
    },
    next: () => entries.at(-1)?.due ?? Number.POSITIVE_INFINITY,
    restart(from) {
      time = from;
      entries = [];
    },
  };
}

/** One entry that can be moved forward and taken back. */
export type Alarm = {
  /** Rings at `due` at the latest; an earlier one that is set already holds. Infinity sets nothing. */
  by(due: number): void;
  /** Rings at `due` and at no other time. */
  only(due: number): void;
  off(): void;
};

export function createAlarm(agenda: Agenda, ring: () => void): Alarm {
  let set = Number.POSITIVE_INFINITY;
  let turn = 0;
  const only = (due: number): void => {
    set = due;
    turn += 1;
    if (due === Number.POSITIVE_INFINITY) return;
    const mine = turn;
    agenda.at(due, () => {
      // Taken back or moved since.
      if (mine !== turn) return;
      set = Number.POSITIVE_INFINITY;
      ring();
    });
  };
  return {
    by: (due) => {
      if (due < set) only(due);
    },
    only,
    off: () => only(Number.POSITIVE_INFINITY),
  };
}

/** The first multiple of `every` after `time`. */
export function stepAfter(time: number, every: number): number {
  return Math.floor(time / every) * every + every;
}
