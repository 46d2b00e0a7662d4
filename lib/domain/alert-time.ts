import { type AlertProblem, no, type Read, readNumber, readText, yes } from './alert-fields.ts';
import type { Json } from './alert-json.ts';

const ISO = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))$/;
const WITHOUT_SECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d(Z|[+-]\d\d:\d\d)$/;
const WITHOUT_ZONE = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?$/;
const NUMERIC = /^[+-]?[\d.]+(?:[eE][+-]?\d+)?$/;
const FORM = 'must be ISO 8601 with seconds and zone, such as 2026-11-22T10:00:00Z, or epoch milliseconds';

/** Reads when an alert fired: ISO 8601 with seconds and zone, or epoch milliseconds. Fractions below 1 ms are cut off. */
export const readTime = (value: Json): Read<number> => {
  if (value !== null && typeof value === 'object' && value.kind === 'number') return readEpoch(value);
  const text = readText(value);
  if (!text.ok) return typeof value === 'string' ? text : no(FORM);
  if (NUMERIC.test(text.value)) return readEpoch(text.value);
  const parts = ISO.exec(text.value);
  if (parts !== null) return readParts(parts);
  if (WITHOUT_SECONDS.test(text.value)) return no(`has no seconds: ${FORM}`);
  return no(WITHOUT_ZONE.test(text.value) ? `has no zone: ${FORM}` : FORM);
};

const readEpoch = (value: Json): Read<number> => {
  const number = readNumber(value);
  if (!number.ok) return number;
  if (/^\d{13}$/.test(number.value)) return yes(Number(number.value));
  if (/^\d{10}(\.\d+)?$/.test(number.value))
    return no('is in epoch seconds: give epoch milliseconds, 13 digits');
  return no('is no epoch time in milliseconds: those have 13 digits');
};

const readParts = (parts: RegExpExecArray): Read<number> => {
  const [
    ,
    year,
    month,
    day,
    hour,
    minute,
    second,
    fraction = '',
    sign = '+',
    zoneHour = '0',
    zoneMinute = '0',
  ] = parts;
  const local = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  );
  const zone = (Number(zoneHour) * 60 + Number(zoneMinute)) * 60_000;
  // out of range parts roll over in Date: the calendar has the time only when it comes back as it was written
  const written = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  if (
    new Date(local).toISOString().slice(0, 19) !== written ||
    Number(zoneHour) > 23 ||
    Number(zoneMinute) > 59
  ) {
    return no('is no time of the calendar');
  }
  return yes(local + Number(fraction.slice(0, 3).padEnd(3, '0')) + (sign === '-' ? zone : -zone));
};

/** Alerts may be this far ahead of our clock, ms. */
const MOST_AHEAD = 10_000;
const TIMENOW = "TradingView's {{timenow}} belongs into time";

/**
 * Is the alert too old, or from the future? The `{{timenow}}` hint says outright that the bar's time was sent when the
 * time is a whole minute.
 * @param alertTime when the alert fired, epoch ms
 * @param now this machine's clock, epoch ms
 */
export const checkAge = (
  alertTime: number,
  now: number,
  staleAfterSeconds: number,
): AlertProblem | undefined => {
  const age = now - alertTime;
  const wholeMinute = alertTime % 60_000 === 0;
  if (age > staleAfterSeconds * 1000) {
    const cause = wholeMinute ? ' a whole minute looks like {{time}}, the opening of a bar:' : '';
    const message = `the alert is ${inWords(age)} old, and the limit is ${inWords(staleAfterSeconds * 1000)};${cause} ${TIMENOW}`;
    return { path: 'time', message };
  }
  if (age >= -MOST_AHEAD) return undefined;
  const cause = wholeMinute
    ? `a whole minute looks like {{time_close}}, the end of a bar: ${TIMENOW}`
    : "the sender's clock is wrong";
  const message = `the alert is ${inWords(-age)} ahead of now, and the limit is ${inWords(MOST_AHEAD)}; ${cause}`;
  return { path: 'time', message };
};

const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** The two largest units, rounded up to a second: 61 s must not read as the limit of 60. */
const inWords = (milliseconds: number): string => {
  let rest = Math.ceil(milliseconds / 1000);
  if (rest < 120) return rest === 1 ? '1 second' : `${rest} seconds`;
  const words: string[] = [];
  const first = UNITS.findIndex(([, seconds]) => rest >= seconds);
  for (const [unit, seconds] of UNITS.slice(first, first + 2)) {
    const count = Math.floor(rest / seconds);
    rest -= count * seconds;
    if (count > 0) words.push(`${count} ${unit}${count === 1 ? '' : 's'}`);
  }
  return words.join(' ');
};
