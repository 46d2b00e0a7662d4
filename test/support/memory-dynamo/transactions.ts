import { meterOf, type Written } from './capacity.ts';
import { invalid, Refusal, Unsupported } from './refusal.ts';
import { fieldsOf, type Request } from './request.ts';
import { isRecord } from './values.ts';
import { type Draft, draftOf, type Store, type WriteKind, writeFields } from './writes.ts';

const MOST = 100;
const MOST_BYTES = 4 * 1024 * 1024;
const KINDS: readonly WriteKind[] = ['Put', 'Update', 'Delete', 'ConditionCheck'];
const FIELDS = new Set([
  'TransactItems',
  'ClientRequestToken',
  'ReturnConsumedCapacity',
  'ReturnItemCollectionMetrics',
]);
/** For how long a token is known after its transaction was carried out, ms. */
const TOKEN_MS = 600_000;

/** Tokens of the transactions that were carried out: what they asked for, and until when that is known. */
export type Tokens = Map<string, { readonly asked: string; readonly until: number }>;

interface Reason {
  readonly Code: string;
  readonly Message?: string;
  readonly Item?: unknown;
}

/** All or nothing; the same request under the same token is carried out once. @param now epoch ms */
export const writeAll = (store: Store, tokens: Tokens, request: Request, now: number): Request => {
  const fields = fieldsOf(request, FIELDS, 'TransactWriteItems');
  const meter = meterOf(fields);
  const items = fields.list('TransactItems') ?? [];
  if (items.length === 0 || items.length > MOST)
    throw invalid(
      `1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have length ${items.length === 0 ? 'greater than or equal to 1' : `less than or equal to ${MOST}`}`,
    );
  const token = fields.text('ClientRequestToken');
  if (token !== undefined && (token === '' || token.length > 36))
    throw invalid(
      `1 validation error detected: Value '${token}' at 'clientRequestToken' failed to satisfy constraint: Member must have length less than or equal to 36`,
    );
  const drafts = items.map((item) => draftOne(store, item));
  requireOnce(drafts);
  const asked = JSON.stringify(items);
  if (asked.length > MOST_BYTES) throw new Unsupported('transactions of about 4 MB');
  if (token !== undefined) {
    forget(tokens, now);
    const known = tokens.get(token);
    if (known && known.asked !== asked)
      throw new Refusal(
        'IdempotentParameterMismatchException',
        'Request parameters do not match those of the original request with this token',
      );
    if (known) return meter.answer('list');
  }
  const written = carryOut(drafts);
  for (const { table, key, after } of written) table.write(key, after);
  for (const each of written) meter.wrote(each, 2);
  if (token !== undefined) tokens.set(token, { asked, until: now + TOKEN_MS });
  return meter.answer('list');
};

/** Tokens are kept in the order in which they end. */
const forget = (tokens: Tokens, now: number): void => {
  for (const [token, { until }] of tokens) {
    if (until > now) return;
    tokens.delete(token);
  }
};

const draftOne = (store: Store, item: unknown): Draft => {
  const given = isRecord(item) ? Object.keys(item).filter((name) => item[name] !== undefined) : [];
  const kind = KINDS.find((each) => each === given[0]);
  if (!isRecord(item) || kind === undefined || given.length !== 1)
    throw invalid('TransactItems can only contain one of Check, Put, Update or Delete');
  return draftOf(store, kind, writeFields(kind, item[kind], 'within'));
};

const requireOnce = (drafts: readonly Draft[]): void => {
  const seen = new Set<string>();
  for (const { table, key } of drafts) {
    const one = `${table.name} ${key}`;
    if (seen.has(one)) throw invalid('Transaction request cannot include multiple operations on one item');
    seen.add(one);
  }
};

/** @throws Refusal with one reason for each item when any of them cannot be written */
const carryOut = (drafts: readonly Draft[]): readonly Written[] => {
  const written: Written[] = [];
  const reasons: Reason[] = [];
  for (const draft of drafts) {
    const before = draft.table.get(draft.key);
    try {
      if (draft.holds(before)) {
        written.push({ ...draft, before, after: draft.after(before) });
        reasons.push({ Code: 'None' });
      } else {
        reasons.push({
          Code: 'ConditionalCheckFailed',
          Message: 'The conditional request failed',
          ...(draft.tells && before && { Item: before }),
        });
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      reasons.push({ Code: 'ValidationError', Message: error.message });
    }
  }
  if (written.length < drafts.length) throw canceled(reasons);
  return written.filter((_, index) => drafts[index]?.kind !== 'ConditionCheck');
};

/** A cancelled transaction: one reason for each of its items. */
export const canceled = (reasons: readonly Reason[]): Refusal =>
  new Refusal(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${reasons.map(({ Code }) => Code).join(', ')}]`,
    400,
    { CancellationReasons: reasons },
  );
