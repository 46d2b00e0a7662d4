import type { ExchangeErrorClass } from '../../../lib/domain/exchange-errors.ts';

/** The table of the reference, section 10.2, row by row; of ranges of more than five both ends and some between. */
const ROWS = `
-1121 F | -1127 F | -1128 F | -2011 N | -2013 N | 26 F | 400 C | 401 C | 402 C | 403 C | 406 C | 429 510 T | 500 U | 501 U
503 U | 504 U | 511 701 702 703 704 C | 513 600 601 F | 602 C | 604 801 11444 T | 10001 C | 10007 M | 10015 F | 10072 C
10073 T | 10095 10096 10097 10102 F | 10098 C | 10099 10100 10103 F | 10101 B | 10200 10201 10231 10267 10268 F | 20001 F
20002 U | 22222 N | 30000 M | 30001 M | 30002 F | 30003 F | 30004 B | 30005 B | 30010 F | 30014 30021 F | 30016 M | 30018 M
30019 M | 30020 M | 30025 F | 30026 F | 30027 M | 30028 M | 30029 F | 30032 F | 30041 M | 30087 F | 33333 44444 F | 60005 C
70011 M | 700001 C | 700002 C | 700003 T | 700004 F | 700005 F | 700006 C | 700007 C | 700008 F | 700013 F
730000 730001 730100 730703 730706 730707 F | 140001 140002 C`;

const isClass = (text: string | undefined): text is ExchangeErrorClass =>
  text !== undefined && /^[TFMBCUN]$/u.test(text);

export const CODES: readonly { readonly code: string; readonly letter: ExchangeErrorClass }[] = ROWS.split(
  /[|\n]/u,
).flatMap((row) => {
  const words = row.trim().split(' ');
  const letter = words.pop();
  return isClass(letter) ? words.map((code) => ({ code, letter })) : [];
});
