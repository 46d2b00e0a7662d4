/** One column of a table: its head, and what a row shows in it. */
export type Column<Row> = readonly [head: string, cell: (row: Row) => string | number | undefined];

/** Lines of a table, the head first; columns two blanks apart. */
export const tableOf = <Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string[] => {
  const cells = [
    columns.map(([head]) => head),
    ...rows.map((row) => columns.map(([, cell]) => String(cell(row) ?? '-'))),
  ];
  const widths = columns.map((_, n) => Math.max(...cells.map((row) => row[n]?.length ?? 0)));
  return cells.map((row) =>
    row
      .map((text, n) => text.padEnd(widths[n] ?? 0))
      .join('  ')
      .trimEnd(),
  );
};

/** `2026-11-22 10:00:00`: UTC, as the head of its column says. */
export const second = (at: string): string => at.slice(0, 19).replace('T', ' ');

/** A text's beginning, as far as a line goes. */
export const shortened = (text: string | undefined, most: number): string | undefined =>
  text === undefined || text.length <= most ? text : `${text.slice(0, most - 1)}…`;

/** A list as a sentence would have it. */
export const listed = (items: readonly string[]): string =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;

/** Milliseconds for a person: `412 ms`, `1.5 s`, `3 min 20 s`. */
export const lasting = (ms: number): string => {
  if (Math.abs(ms) < 1_000) return `${ms} ms`;
  if (Math.abs(ms) < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60)];
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${seconds % 60} s`;
};
