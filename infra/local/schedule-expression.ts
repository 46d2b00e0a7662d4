import { StartError } from './start-error.ts';

const UNITS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** When something is due after a moment, both in epoch milliseconds. */
export type NextRun = (after: number) => number;

/**
 * Reads `rate(…)` and `cron(…)` as EventBridge does, in UTC.
 * @throws StartError for what is not understood here: `at(…)` and the signs L, W and #
 */
export const nextRun = (expression: string): NextRun => {
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression);
  const unit = rate?.[2];
  if (unit === 'minute' || unit === 'hour' || unit === 'day') {
    const period = Number(rate?.[1]) * UNITS[unit];
    if (period > 0) return (after) => after + period;
  }
  const fields = /^cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)$/.exec(expression)?.slice(1);
  if (!fields) throw new StartError(`The schedule ${expression} is not understood here.`);
  return cron(expression, fields);
};

const cron = (expression: string, fields: readonly string[]): NextRun => {
  const [minutes, hours, days, months, weekdays, years] = [
    field(fields[0], 0, 59),
    field(fields[1], 0, 23),
    field(fields[2], 1, 31),
    field(fields[3], 1, 12, MONTHS),
    field(fields[4], 1, 7, DAYS),
    field(fields[5], 1970, 2199),
  ];
  if (!minutes || !hours || !days || !months || !weekdays || !years)
    throw new StartError(`The schedule ${expression} is not understood here.`);
  const matches = (date: Date): boolean =>
    minutes.has(date.getUTCMinutes()) &&
    hours.has(date.getUTCHours()) &&
    days.has(date.getUTCDate()) &&
    months.has(date.getUTCMonth() + 1) &&
    weekdays.has(date.getUTCDay() + 1) &&
    years.has(date.getUTCFullYear());
  return (after) => {
    const start = Math.floor(after / 60_000) * 60_000;
    // A year of minutes; what is due later than that is not due in any run on a laptop.
    for (let minute = 1; minute <= 527_040; minute += 1) {
      if (matches(new Date(start + minute * 60_000))) return start + minute * 60_000;
    }
    return Number.POSITIVE_INFINITY;
  };
};

/** The values one field allows; undefined when it is not understood. */
const field = (
  text = '',
  least: number,
  most: number,
  names: readonly string[] = [],
): Set<number> | undefined => {
  const number = (word: string): number => {
    const index = names.indexOf(word.toUpperCase());
    return index >= 0 ? index + 1 : Number(word);
  };
  const allowed = new Set<number>();
  for (const part of text.split(',')) {
    const [range = '', step = '1'] = part.split('/');
    const all = range === '*' || range === '?';
    const [from = Number.NaN, to] = all ? [least, most] : range.split('-').map(number);
    const last = to ?? (part.includes('/') ? most : from);
    const stride = Number(step);
    if (!(from >= least && last <= most && from <= last && Number.isInteger(stride) && stride > 0))
      return undefined;
    for (let value = from; value <= last; value += stride) allowed.add(value);
  }
  return allowed;
};
