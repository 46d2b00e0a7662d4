const WIDTH = 30;
/** Time between two lines where the output is no terminal, ms. */
const QUIET = 10_000;

export interface Progress {
  /** @param done of the total, e.g. slots */
  show(done: number): void;
  end(): void;
}

/** A bar with rate and time left on one line of a terminal; a line now and then where the output is a file. */
export const createProgress = (
  total: number,
  unit: string,
  out: Pick<NodeJS.WriteStream, 'write' | 'isTTY'>,
  now: () => number = Date.now,
): Progress => {
  const started = now();
  let last = Number.NEGATIVE_INFINITY;
  let isOpen = false;
  return {
    show: (done) => {
      if (!out.isTTY && now() - last < QUIET && done < total) return;
      last = now();
      const share = total === 0 ? 1 : Math.min(1, done / total);
      const seconds = Math.max(0.001, (now() - started) / 1_000);
      const rate = done / seconds;
      const left = rate > 0 ? (total - done) / rate : Number.NaN;
      const bar = '#'.repeat(Math.round(share * WIDTH)).padEnd(WIDTH, '.');
      const line = `[${bar}] ${Math.floor(share * 100)} %  ${Math.round(rate)} ${unit}/s  ${timeText(left)} left`;
      out.write(out.isTTY ? `\r${line}\x1b[K` : `${line}\n`);
      isOpen = out.isTTY;
    },
    end: () => {
      if (isOpen) out.write('\n');
    },
  };
};

const timeText = (seconds: number): string => {
  if (!Number.isFinite(seconds)) return '?';
  const whole = Math.ceil(seconds);
  const [hours, minutes] = [Math.floor(whole / 3_600), Math.floor((whole % 3_600) / 60)];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
};
