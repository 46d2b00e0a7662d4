import type { PrivateAccount, PrivateDeal, PrivateOrder } from './messages.ts';
import { flag, optionalText, optionalWhole, text, type Writer, whole } from './wire-fields.ts';

// Field by field from the tables of section 11.4.

export const privateOrder: Writer<PrivateOrder> = (message, pbf) => {
  text(pbf, 1, message.id);
  text(pbf, 2, message.clientId);
  text(pbf, 3, message.price);
  text(pbf, 4, message.quantity);
  text(pbf, 5, message.amount);
  text(pbf, 6, message.avgPrice);
  whole(pbf, 7, message.orderType);
  whole(pbf, 8, message.tradeType);
  flag(pbf, 9, message.isMaker);
  text(pbf, 10, message.remainAmount);
  text(pbf, 11, message.remainQuantity);
  optionalText(pbf, 12, message.lastDealQuantity);
  text(pbf, 13, message.cumulativeQuantity);
  text(pbf, 14, message.cumulativeAmount);
  whole(pbf, 15, message.status);
  whole(pbf, 16, message.createTime);
  optionalText(pbf, 17, message.market);
  optionalWhole(pbf, 18, message.triggerType);
  optionalText(pbf, 19, message.triggerPrice);
  optionalWhole(pbf, 20, message.state);
  optionalText(pbf, 21, message.ocoId);
  optionalText(pbf, 22, message.routeFactor);
  optionalText(pbf, 23, message.symbolId);
  optionalText(pbf, 24, message.marketId);
  optionalText(pbf, 25, message.marketCurrencyId);
  optionalText(pbf, 26, message.currencyId);
};

export const privateDeal: Writer<PrivateDeal> = (message, pbf) => {
  text(pbf, 1, message.price);
  text(pbf, 2, message.quantity);
  text(pbf, 3, message.amount);
  whole(pbf, 4, message.tradeType);
  flag(pbf, 5, message.isMaker);
  flag(pbf, 6, message.isSelfTrade);
  text(pbf, 7, message.tradeId);
  text(pbf, 8, message.clientOrderId);
  text(pbf, 9, message.orderId);
  text(pbf, 10, message.feeAmount);
  text(pbf, 11, message.feeCurrency);
  whole(pbf, 12, message.time);
};

export const privateAccount: Writer<PrivateAccount> = (message, pbf) => {
  text(pbf, 1, message.vcoinName);
  text(pbf, 2, message.coinId);
  text(pbf, 3, message.balanceAmount);
  text(pbf, 4, message.balanceAmountChange);
  text(pbf, 5, message.frozenAmount);
  text(pbf, 6, message.frozenAmountChange);
  text(pbf, 7, message.type);
  whole(pbf, 8, message.time);
};
