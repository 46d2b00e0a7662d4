import { type Answer, codeAnswer, cutAnswer, freeAnswer, htmlAnswer, limitAnswer } from './answer.ts';
import { type Effects, noEffects } from './effects.ts';
import { type Hit, hits } from './fault-match.ts';
import type { FaultRule } from './fault-rule.ts';
import { nextFraction, nextUint32, type Randomness } from './random.ts';
import type { Store } from './store.ts';

const MOST_GARBAGE = 256;

/**
 * Counts the request against every fault and collects those it hits, in the order they were added: the first one
 * wins where two would answer, delays and clock errors add up.
 */
export function collectEffects(store: Store, request: Hit): Effects {
  const effects = noEffects();
  for (const fault of store.state.faults) {
    if (hits(store, fault, request)) apply(store.state, fault.rule, effects);
  }
  return effects;
}

function apply(source: Randomness, rule: FaultRule, effects: Effects): void {
  effects.names.push(rule.kind);
  switch (rule.kind) {
    case 'drop-before':
      effects.instead ??= 'drop';
      return;
    case 'drop-after':
      effects.afterwards ??= 'drop';
      return;
    case 'answer':
      effects.instead ??= freeAnswer(rule.status, rule.body, rule.headers);
      return;
    case 'answer-after':
      effects.afterwards ??= freeAnswer(rule.status, rule.body, rule.headers);
      return;
    case 'code':
      put(effects, rule.executed, codeAnswer(rule.code, rule.status, rule.msg));
      return;
    case 'html':
      put(effects, rule.executed, htmlAnswer(rule.status));
      return;
    case 'limit':
      effects.instead ??= limitAnswer(rule.code, rule.retryAfter);
      return;
    case 'empty':
      put(effects, rule.executed, { status: rule.status, headers: {}, body: '' });
      return;
    case 'garbage':
      put(effects, rule.executed, garbage(source, rule.status));
      return;
    case 'cut':
      cut(source, rule, effects);
      return;
    case 'hang':
      if (rule.executed) effects.afterwards ??= 'hang';
      else effects.instead ??= 'hang';
      return;
    case 'delay':
      effects.delayMs += rule.ms;
      return;
    case 'late':
      effects.late = { ms: (effects.late?.ms ?? 0) + rule.ms, held: rule.reply === 'held' };
      return;
    case 'skew':
      effects.skew.checkMs += rule.ms;
      if (rule.stamps) effects.skew.stampMs += rule.ms;
      return;
    case 'visibility':
      effects.hideMs = Math.max(effects.hideMs, rule.ms);
      return;
    case 'flap':
      effects.unseen.push(rule.orders);
      return;
    case 'partial-cancel':
      effects.share ??= rule.share;
      return;
  }
}

function put(effects: Effects, executed: boolean, answer: Answer): void {
  if (executed) effects.afterwards ??= answer;
  else effects.instead ??= answer;
}

/** The first byte begins no JSON and no UTF-8, so nothing can take the rest for an answer. */
function garbage(source: Randomness, status: number): Answer {
  const bytes = [0xff];
  for (let left = nextUint32(source) % MOST_GARBAGE; left > 0; left--) bytes.push(nextUint32(source) % 256);
  return {
    status,
    headers: { 'content-type': 'application/json;charset=utf-8' },
    body: String.fromCharCode(...bytes),
    encoding: 'latin1',
  };
}

function cut(source: Randomness, rule: Extract<FaultRule, { kind: 'cut' }>, effects: Effects): void {
  const fraction = nextFraction(source);
  const short = rule.form === 'short';
  if (rule.executed) {
    effects.afterwards ??= { at: rule.at ?? null, fraction, short };
    return;
  }
  const whole = codeAnswer(500, 200);
  effects.instead ??= cutAnswer(whole, rule.at ?? Math.floor(fraction * whole.body.length), short);
}
