import { PbfWriter } from 'pbf';
import type { Body, Push } from './messages.ts';
import { optionalText, optionalWhole, text, type WireForm, type Writer } from './wire-fields.ts';
import { privateAccount, privateDeal, privateOrder } from './write-private.ts';
import {
  aggreBest,
  aggreDepths,
  best,
  bestBatch,
  deals,
  increaseDepths,
  increaseDepthsBatch,
  kline,
  limitDepths,
  miniTicker,
  miniTickers,
} from './write-public.ts';

/** A field number that no table uses. */
const UNKNOWN_FIELD = 900;

/** A push as the bytes of one `PushDataV3ApiWrapper` (section 11.4). */
export function encodePush(push: Push, form: WireForm): Uint8Array {
  const pbf = new PbfWriter();
  text(pbf, 1, push.channel);
  optionalText(pbf, 3, push.symbol);
  optionalText(pbf, 4, push.symbolId);
  optionalWhole(pbf, 5, push.createTime);
  optionalWhole(pbf, 6, push.sendTime);
  bodyWriter(push.body, form)(pbf);
  if (form.unknown) writeUnknown(pbf);
  return pbf.finish();
}

function bodyWriter(body: Body, form: WireForm): (pbf: PbfWriter) => void {
  const put =
    <T>(tag: number, write: Writer<T>, message: T) =>
    (pbf: PbfWriter): void =>
      pbf.writeMessage(tag, form.unknown ? andUnknown(write) : write, message);
  switch (body.of) {
    case 'publicDeals':
      return put(301, deals({ ...form, newFields: false }), body.message);
    case 'publicIncreaseDepths':
      return put(302, increaseDepths, body.message);
    case 'publicLimitDepths':
      return put(303, limitDepths(form), body.message);
    case 'privateOrders':
      return put(304, privateOrder, body.message);
    case 'publicBookTicker':
      return put(305, best, body.message);
    case 'privateDeals':
      return put(306, privateDeal, body.message);
    case 'privateAccount':
      return put(307, privateAccount, body.message);
    case 'publicSpotKline':
      return put(308, kline, body.message);
    case 'publicMiniTicker':
      return put(309, miniTicker, body.message);
    case 'publicMiniTickers':
      return put(310, miniTickers, body.message);
    case 'publicBookTickerBatch':
      return put(311, bestBatch(form), body.message);
    case 'publicIncreaseDepthsBatch':
      return put(312, increaseDepthsBatch, body.message);
    case 'publicAggreDepths':
      return put(313, aggreDepths(form), body.message);
    case 'publicAggreDeals':
      return put(314, deals(form), body.message);
    case 'publicAggreBookTicker':
      return put(315, aggreBest(form), body.message);
  }
}

function andUnknown<T>(write: Writer<T>): Writer<T> {
  return (message, pbf) => {
    write(message, pbf);
    writeUnknown(pbf);
  };
}

/** One unknown field of each wire type in use. */
function writeUnknown(pbf: PbfWriter): void {
  pbf.writeVarintField(UNKNOWN_FIELD, 1);
  pbf.writeStringField(UNKNOWN_FIELD + 1, 'unknown');
  pbf.writeDoubleField(UNKNOWN_FIELD + 2, 0.5);
  pbf.writeFixed32Field(UNKNOWN_FIELD + 3, 7);
}
