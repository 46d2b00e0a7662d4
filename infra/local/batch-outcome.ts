import * as z from 'zod';
import type { Outcome } from './runtime-process.ts';

const Report = z.looseObject({
  batchItemFailures: z.array(z.looseObject({ itemIdentifier: z.string().nullish() })).nullish(),
});

/**
 * Which of a batch a function did not do, by Lambda's rules: all after an error and after a report that cannot be read or names
 * what was not in the batch; none where the function does not report, or reports nothing.
 */
export const failuresOf = (
  outcome: Outcome,
  { ids, partial }: { readonly ids: readonly string[]; readonly partial: boolean },
): readonly string[] => {
  if (outcome.error) return ids;
  if (!partial) return [];
  const value = jsonOf(outcome.payload);
  if (value === null || value === undefined || value === '') return [];
  const report = Report.safeParse(value);
  if (!report.success) return ids;
  const named = (report.data.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier);
  const failed = ids.filter((id) => named.includes(id));
  return failed.length === new Set(named).size ? failed : ids;
};

/** What cannot be read is an object without any of what is asked for, which is a report gone wrong. */
const jsonOf = (text: string): unknown => {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return [];
  }
};
