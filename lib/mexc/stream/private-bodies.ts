import { product } from './amounts.ts';
import { number, orZero, type Read, required, requiredTime } from './body.ts';
import { OwnAccount, OwnDeal, OwnOrder } from './messages.ts';
import { amountAt, integerAt, textAt } from './protobuf.ts';
import { sideOf, statusOf, typeOf } from './words.ts';

export const order: Read = (body, { symbol, sentAt, at }) => {
  const clientOrderId = textAt(body, OwnOrder.at.clientId);
  const quoteQuantity = orZero(amountAt(body, OwnOrder.at.amount));
  return {
    kind: 'order',
    order: {
      symbol: required(symbol, 'the symbol'),
      exchangeOrderId: required(textAt(body, OwnOrder.at.id), 'the id'),
      ...(clientOrderId === '' ? {} : { clientOrderId }),
      side: sideOf(integerAt(body, OwnOrder.at.tradeType)),
      type: typeOf(integerAt(body, OwnOrder.at.orderType)),
      price: orZero(amountAt(body, OwnOrder.at.price)),
      quantity: orZero(amountAt(body, OwnOrder.at.quantity)),
      ...(quoteQuantity === '0' ? {} : { quoteQuantity }),
      cumQty: orZero(amountAt(body, OwnOrder.at.cumulativeQuantity)),
      cumQuote: orZero(amountAt(body, OwnOrder.at.cumulativeAmount)),
      status: statusOf(integerAt(body, OwnOrder.at.status)),
      time: requiredTime(integerAt(body, OwnOrder.at.createTime)),
      ...(sentAt === undefined ? {} : { updateTime: sentAt }),
    },
    at,
  };
};

export const trade: Read = (body, { symbol, sentAt }) => {
  const clientOrderId = textAt(body, OwnDeal.at.clientOrderId);
  const commission = orZero(amountAt(body, OwnDeal.at.feeAmount));
  const commissionAsset = textAt(body, OwnDeal.at.feeCurrency);
  if (commission !== '0') required(commissionAsset, "the commission's asset");
  const time = requiredTime(integerAt(body, OwnDeal.at.time));
  const own = number(amountAt(body, OwnDeal.at.price));
  const quantity = number(amountAt(body, OwnDeal.at.quantity));
  const quote = amountAt(body, OwnDeal.at.amount);
  return {
    kind: 'trade',
    trade: {
      symbol: required(symbol, 'the symbol'),
      tradeId: required(textAt(body, OwnDeal.at.tradeId), 'the id'),
      exchangeOrderId: required(textAt(body, OwnDeal.at.orderId), "the order's id"),
      ...(clientOrderId === '' ? {} : { clientOrderId }),
      side: sideOf(integerAt(body, OwnDeal.at.tradeType)),
      price: own,
      quantity,
      quoteQuantity: quote === '' ? product(own, quantity) : quote,
      commission,
      commissionAsset,
      maker: integerAt(body, OwnDeal.at.isMaker) !== 0,
      time,
    },
    at: sentAt ?? time,
  };
};

export const balance: Read = (body, { sentAt, at }) => ({
  kind: 'balance',
  balance: {
    asset: required(textAt(body, OwnAccount.at.asset), 'the asset'),
    free: number(amountAt(body, OwnAccount.at.free)),
    locked: orZero(amountAt(body, OwnAccount.at.frozen)),
  },
  cause: textAt(body, OwnAccount.at.type),
  change: {
    free: orZero(amountAt(body, OwnAccount.at.freeChange)),
    locked: orZero(amountAt(body, OwnAccount.at.frozenChange)),
  },
  at: sentAt ?? (integerAt(body, OwnAccount.at.time) || at),
});
