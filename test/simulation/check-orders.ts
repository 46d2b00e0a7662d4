import type { Findings } from './invariants.ts';
import type { StoredAttempt, StoredOrder, Written } from './ledger-mirror.ts';
import {
  allFacts,
  executed,
  factsIn,
  G,
  inDoubt,
  isDoubted,
  isExternal,
  isLess,
  proofAfter,
  stateByFacts,
  untilAfter,
} from './order-rules.ts';

type Say = Findings['say'];

/** What one committed write says of an order by itself, and of what it was before. */
export const checkOrder = ({ before, after }: Written['orders'][number], say: Say, at: number): void => {
  const path = after.history.map(({ state }) => state).join(' → ');
  const tell = (invariant: Parameters<Say>[0], message: string): void =>
    say(invariant, `${after.id} (${path}): ${message}`, at);
  if (before) checkGrowth(before, after, tell);
  if (isExternal(after)) {
    checkExternal(after, tell);
    return;
  }
  checkState(after, tell);
  for (const attempt of after.attempts) {
    const previous = before?.attempts.find(({ n }) => n === attempt.n);
    if (attempt.outcome === 'absent' && previous?.outcome !== 'absent') checkProof(after, attempt, tell);
  }
};

type Tell = (invariant: Parameters<Say>[0], message: string) => void;

/** An order of somebody else's is shown, and is nobody's: no lane, no counter, no fill, nothing to wait for. */
const checkExternal = (order: StoredOrder, tell: Tell): void => {
  const { state, attempts, settled, reserved, fillsQty, unsettled, strategy } = order;
  if (state !== 'external' || attempts.length !== 1 || strategy !== 'external')
    tell('external-recorded', `${state} under ${strategy} with ${attempts.length} attempts`);
  if (!settled || reserved !== '0' || fillsQty !== '0' || unsettled !== undefined)
    tell('external-untouched', `settled ${settled}, reserved ${reserved}, fills ${fillsQty}`);
};

const checkGrowth = (before: StoredOrder, after: StoredOrder, tell: Tell): void => {
  if (after.version !== before.version + 1)
    tell('facts-grow', `version ${before.version} became ${after.version}`);
  if (after.attempts.length < before.attempts.length) tell('facts-grow', 'an attempt vanished');
  if (after.history.length > 60) tell('facts-grow', `${after.history.length} entries of history`);
  const newer = after.attempts.length > before.attempts.length;
  if (newer && (isDoubted(before) || after.attempts.length !== before.attempts.length + 1))
    tell('stale-submitting', `attempt ${after.attempts.length} while the one before was in doubt`);
  for (const known of before.attempts) {
    const now = after.attempts[known.n - 1];
    if (!now) continue;
    if (now.signedAt !== known.signedAt || now.nonce !== known.nonce || now.until !== known.until)
      tell('facts-grow', `attempt ${known.n} was signed anew`);
    checkOutcome(known, now, tell);
    for (const facts of factsIn(known)) {
      const later = factsIn(now).find(({ exchangeOrderId }) => exchangeOrderId === facts.exchangeOrderId);
      if (
        !later ||
        isLess(later.cumQty, facts.cumQty) ||
        isLess(later.cumQuote, facts.cumQuote) ||
        (facts.terminal && !later.terminal)
      )
        tell('facts-grow', `facts of attempt ${known.n} shrank`);
    }
  }
  if (
    isDoubted(before) &&
    !isDoubted(after) &&
    before.attempts.at(-1)?.outcome === after.attempts.at(-1)?.outcome
  )
    tell('stale-submitting', 'left doubt without an outcome');
};

/** Which outcomes of an attempt may follow which; evidence that it exists may follow all. */
const AFTER: Readonly<Record<string, readonly string[]>> = {
  sending: ['unknown', 'unsent', 'not_executed', 'refused', 'absent', 'tested'],
  unknown: ['not_executed', 'refused', 'absent', 'tested'],
};

const checkOutcome = (known: StoredAttempt, now: StoredAttempt, tell: Tell): void => {
  if (known.outcome === now.outcome || now.outcome === 'found') return;
  if (!AFTER[known.outcome]?.includes(now.outcome))
    tell('stale-submitting', `attempt ${known.n} went from ${known.outcome} to ${now.outcome}`);
};

const checkState = (order: StoredOrder, tell: Tell): void => {
  const { state, attempts, settled, fillsQty } = order;
  const byFacts = stateByFacts(order);
  if (isDoubted(order) && byFacts === undefined && state !== 'submitting' && state !== 'unknown')
    tell('state-by-facts', `${state}, though attempt ${attempts.length} is in doubt`);
  if (!isDoubted(order) && (state === 'submitting' || state === 'unknown'))
    tell('state-by-facts', `${state}, though nothing is in doubt`);
  if (byFacts !== undefined && !isDoubted(order) && state !== byFacts)
    tell('state-by-facts', `${state}, its facts say ${byFacts}`);
  for (const [index, attempt] of attempts.entries()) {
    if (attempt.n !== index + 1 || attempt.clientOrderId !== `${order.id}-${attempt.n}`)
      tell('facts-grow', `attempt ${index + 1} is called ${attempt.clientOrderId}`);
    if (index < attempts.length - 1 && inDoubt(attempt))
      tell('stale-submitting', `attempt ${attempt.n} is in doubt behind a newer one`);
    if (attempt.until !== untilAfter(attempt.signedAt))
      tell('proof-complete', `attempt ${attempt.n}: until is not s + W + D + Q`);
  }
  const facts = allFacts(order);
  if (settled && facts.length > 0) {
    if (!facts.every(({ terminal }) => terminal)) tell('settled-complete', 'settled while it is live');
    if (!executed(order).eq(fillsQty))
      tell('settled-complete', `settled with fills of ${fillsQty} of ${executed(order).toFixed()}`);
    if (isDoubted(order)) tell('settled-complete', 'settled while an attempt is in doubt');
  }
  if (executed(order).lt(fillsQty)) tell('fills-of-order', `fills of ${fillsQty} exceed what was executed`);
  if (settled === (order.unsettled !== undefined)) tell('settled-complete', 'the index says otherwise');
};

const checkProof = (order: StoredOrder, { n, signedAt, evidence = [] }: StoredAttempt, tell: Tell): void => {
  const after = proofAfter(signedAt);
  const [first, second] = evidence;
  if (order.test) {
    if (!first || !(Number(first.from) > after)) tell('proof-complete', `test attempt ${n}: no evidence`);
    return;
  }
  if (!first || !second) {
    tell('proof-complete', `attempt ${n}: ${evidence.length} rounds of evidence`);
    return;
  }
  for (const round of evidence) {
    if (!(Number(round.from) > after))
      tell('proof-complete', `attempt ${n}: asked ${after - Number(round.from)} ms before the proof time`);
    if (!(Number(round.to) < signedAt + 6 * 86_400_000)) tell('proof-complete', `attempt ${n}: too old`);
  }
  if (Number(second.from) < Number(first.to) + G)
    tell('proof-complete', `attempt ${n}: the rounds are ${Number(second.from) - Number(first.to)} ms apart`);
};
