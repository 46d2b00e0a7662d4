/** One line of a table. */
export type CsvRow = Readonly<Record<string, string | number | undefined>>;

/** What a spreadsheet would take for a formula (OWASP, CSV injection): anything that begins so and is no number. */
const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^-?\d+(\.\d+)?$/;

const cell = (value: string | number | undefined): string => {
  const text = value === undefined ? '' : String(value);
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

/** RFC 4180 with a header; formulas are defused by an apostrophe. */
export const toCsv = (columns: readonly string[], rows: readonly CsvRow[]): string =>
  [
    columns.map(cell).join(','),
    ...rows.map((row) => columns.map((name) => cell(row[name])).join(',')),
    '',
  ].join('\r\n');
