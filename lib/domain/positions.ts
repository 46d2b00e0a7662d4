import type { NewFill } from './fill.ts';
import type { Lane } from './lane.ts';
import { type Decimal, decimal, plain, roundDown, ZERO } from './money.ts';
import { dayOf } from './strategy.ts';

/** Shares of the cost are kept to this many decimals; the last sale takes the exact rest. */
const COST_DECIMALS = 18;

/** What a trade did to the coins held, base: a commission taken in the base asset leaves fewer of them. */
export const baseChange = (fill: NewFill, baseAsset: string): Decimal => {
  const fee = fill.commissionAsset === baseAsset ? decimal(fill.commission) : ZERO;
  return fill.side === 'buy' ? decimal(fill.quantity).minus(fee) : ZERO.minus(fill.quantity).minus(fee);
};

/**
 * Moves the position by one trade: average cost, realised profit in quote, commissions by asset. A commission in
 * the quote asset belongs to the cost of a buy and lowers the proceeds of a sale; one in a third asset (MX) is
 * only booked under `fees`.
 */
export const withFill = (
  lane: Lane,
  fill: NewFill,
  assets: { readonly base: string; readonly quote: string },
): Lane => {
  const change = baseChange(fill, assets.base);
  const quoteFee = fill.commissionAsset === assets.quote ? decimal(fill.commission) : ZERO;
  const fees = {
    ...lane.fees,
    [fill.commissionAsset]: plain(decimal(lane.fees[fill.commissionAsset] ?? '0').plus(fill.commission)),
  };
  const fillCount = lane.fillCount + 1;
  const quantity = decimal(lane.quantity).plus(change);

  if (fill.side === 'buy') {
    const cost = decimal(lane.cost).plus(fill.quoteQuantity).plus(quoteFee);
    return { ...lane, fillCount, fees, quantity: plain(quantity), cost: plain(cost) };
  }
  const costOut = costOfSale(lane, change.abs());
  const realised = decimal(lane.realised).plus(fill.quoteQuantity).minus(quoteFee).minus(costOut);
  return {
    ...lane,
    fillCount,
    fees,
    quantity: plain(quantity),
    cost: plain(decimal(lane.cost).minus(costOut)),
    realised: plain(realised),
    ...(plain(realised) !== lane.realised && { dayStart: dayStartOf(lane, dayOf(fill.appliedAt)) }),
  };
};

/** The day never goes back: what a late clock applies counts for the day that has begun. */
const dayStartOf = ({ dayStart, realised }: Lane, day: string): Lane['dayStart'] =>
  dayStart && dayStart.day >= day ? dayStart : { day, realised };

/** Realised on this UTC day, quote; a loss is negative. */
export const realisedOn = ({ dayStart, realised }: Lane, day: string): Decimal =>
  dayStart?.day === day ? decimal(realised).minus(dayStart.realised) : ZERO;

const costOfSale = (lane: Lane, sold: Decimal): Decimal => {
  const heldBefore = decimal(lane.quantity);
  if (heldBefore.lte('0')) return ZERO;
  if (sold.gte(heldBefore)) return decimal(lane.cost);
  return roundDown(decimal(lane.cost).times(sold).div(heldBefore), COST_DECIMALS);
};
