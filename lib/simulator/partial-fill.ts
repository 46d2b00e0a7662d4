import { type Decimal, decimal, floorTo, smaller } from './decimal.ts';
import type { Plan } from './matching.ts';
import type { OrderDraft } from './order-draft.ts';

/**
 * What of a plan happens when the exchange ends the order at a share of its size: its best fills, and from the house
 * at the order's own limit what they lack. A market order gets no more than it would have.
 */
export function fillUpTo(draft: OrderDraft, plan: Plan, share: number): Plan {
  const planned = plan.fills.reduce((sum, fill) => sum.plus(fill.quantity), decimal(0));
  const size = draft.quantity ?? planned;
  const target = floorTo(size.times(share), draft.rules.baseAssetPrecision);
  const fills: Plan['fills'] = [];
  let left: Decimal = target;
  for (const fill of plan.fills) {
    if (left.lte(0)) break;
    const quantity = smaller(left, fill.quantity);
    fills.push({ ...fill, quantity });
    left = left.minus(quantity);
  }
  if (left.gt(0) && draft.price !== null) fills.push({ price: draft.price, quantity: left, maker: null });
  return { ...plan, fills, complete: target.gte(size) && (left.lte(0) || draft.price !== null) };
}
