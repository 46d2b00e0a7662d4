/** Letter of a class in reference section 10.2. */
type Class = 'F' | 'M' | 'B' | 'C' | 'T' | 'U' | 'N';

export interface ErrorRow {
  readonly code: number;
  readonly class: Class;
  readonly meaning: string;
}

/**
 * Every code of reference section 10.2 as it stands there, each with its class and its meaning as message; of a range
 * its ends and one between. Written from the page, not from the client. A code whose class depends on the text has a
 * row for each.
 */
export const ERROR_TABLE: readonly ErrorRow[] = (
  [
    [[-1121], 'F', 'Invalid symbol.'],
    [[-1127], 'F', 'More than 1 hours between startTime and endTime.'],
    [[-1128], 'F', 'Combination of optional parameters invalid.'],
    [[-2011], 'N', 'Unknown order sent.'],
    [[-2013], 'N', 'Order does not exist.'],
    [[26], 'F', 'operation not allowed'],
    [[400], 'C', 'api key required'],
    [[401], 'C', 'No authority'],
    [[402], 'C', 'API key expired'],
    [[403], 'C', 'Access Denied'],
    [[406], 'C', 'IP not whitelisted'],
    [[429, 510], 'T', 'Too Many Requests'],
    [[500], 'U', 'Internal error'],
    [[501], 'U', 'system busy'],
    [[503], 'U', 'service not available, please try again'],
    [[504], 'U', 'Gateway Time-out'],
    [[511, 701, 702, 703, 704], 'C', 'no permission'],
    [[513, 600, 601], 'F', 'invalid request'],
    [[602], 'C', 'Signature verification failed'],
    [[604, 801, 11444], 'T', 'in maintenance'],
    [[10001], 'C', 'user does not exist'],
    [[10007], 'M', 'symbol not support api'],
    [[10015], 'F', 'user id cannot be null'],
    [[10072], 'C', 'invalid access key'],
    [[10073], 'T', 'invalid Request-Time'],
    [[10095, 10096, 10097, 10102], 'F', 'amount wrong'],
    [[10098], 'C', 'risk control system detected abnormal'],
    [[10099, 10100, 10103], 'F', 'not supported'],
    [[10101], 'B', 'insufficient balance'],
    [[10200, 10232, 10268], 'F', 'currency error'],
    [[20001], 'F', 'subsystem not supported'],
    [[20002], 'U', 'internal system error, please contact support'],
    [[22222], 'N', 'record does not exist'],
    [[30000], 'M', 'suspended transaction for the symbol'],
    [[30001], 'M', 'current transaction direction is not allowed'],
    [[30002], 'F', 'The minimum transaction volume cannot be less than: 0.5USDT'],
    [[30003], 'F', 'the maximum transaction volume cannot be exceeded'],
    [[30004], 'B', 'Insufficient position'],
    [[30005], 'B', 'Oversold'],
    [[30010], 'F', 'no valid trade price'],
    [[30014, 30021], 'F', 'invalid symbol'],
    [[30016], 'M', 'trading disabled'],
    [[30018], 'M', 'market order is disabled'],
    [[30018], 'C', 'Your account is temporarily unable to place orders'],
    [[30019], 'M', 'api market order is disabled'],
    [[30020], 'M', 'no permission for the symbol'],
    [[30025], 'F', 'no exist opponent order'],
    [[30026], 'F', 'invalid order ids'],
    [[30027], 'M', 'the currency has reached the maximum position limit, the buying is suspended'],
    [[30028], 'M', 'the currency triggered the platform risk control, the selling is suspended'],
    [[30029], 'F', 'cannot exceed the maximum order limit'],
    [[30032], 'F', 'cannot exceed the maximum position'],
    [[30041], 'M', 'current order type can not place order'],
    [[30087], 'F', 'order price is out of the allowed range'],
    [[33333, 44444], 'F', 'param error'],
    [[60005], 'C', 'your account is abnormal'],
    [[70011], 'M', 'pair user ban trade apikey'],
    [[700001], 'C', 'API-key format invalid.'],
    [[700002], 'C', 'Signature for this request is not valid.'],
    [[700003], 'T', 'Timestamp for this request is outside of the recvWindow.'],
    [[700004], 'F', 'Param origClientOrderId or orderId must be sent, but both were empty/null!'],
    [[700005], 'F', 'recvWindow must less than 60000'],
    [[700006], 'C', 'IP not in the ip white list'],
    [[700007], 'C', 'No permission to access the endpoint'],
    [[700008], 'F', 'Illegal characters found in parameter'],
    [[700013], 'F', 'Invalid content Type.'],
    [[730000, 730350, 730707], 'F', 'sub-account error'],
    [[140001, 140002], 'C', 'sub account does not exist'],
  ] as const
).flatMap(([codes, letter, meaning]) => codes.map((code) => ({ code, class: letter, meaning })));

/** What the exchange answers to a placement. */
export interface ExchangeAnswer {
  readonly name: string;
  readonly status: number;
  /** Text is sent as it is; anything else as JSON. */
  readonly body: string | Record<string, string | number | null>;
}

const HTML = '<html><head><title>Access Denied</title></head><body>Reference #18.2d351302</body></html>';

/**
 * What proves nothing (order protocol T11): no code, none that is known, or no answer of the exchange's own. Success
 * codes without an order id prove nothing either.
 */
export const PROVES_NOTHING: readonly ExchangeAnswer[] = (
  [
    ['a code of nobody', [200, 400], { code: 987654, msg: 'what is that' }],
    ['-1, in no list', [200, 400], { code: -1, msg: 'unknown' }],
    ['-2010, which is of another exchange', [400], { code: -2010, msg: 'Account has insufficient balance' }],
    ['30099, near known ones', [200, 400], { code: 30099, msg: 'new rule' }],
    ['a success code without an order', [200, 400], { code: 200, msg: 'success' }],
    ['code 0 without an order', [200], { code: 0, msg: 'success' }],
    ['no code', [200, 400], { msg: 'Oversold' }],
    ['a code that is null', [400], { code: null, msg: 'Oversold' }],
    ['a code that is not whole', [400], { code: 30005.5, msg: 'Oversold' }],
    ['a code of nobody, as text', [200, 400], { code: '987654', msg: 'what is that' }],
    ['a code that is a word', [400], { code: 'OVERSOLD', msg: 'Oversold' }],
    ['an empty object', [200], {}],
    ['nothing at all', [200, 400], ''],
    ['JSON cut off', [200, 400], '{"code":30005,"ms'],
    ['HTML', [200, 400, 500, 502, 503, 504], HTML],
  ] as const
).flatMap(([name, statuses, body]) => statuses.map((status) => ({ name, status, body })));

/** Turned away before the exchange: proves nothing either, and asks for a long silence (reference section 10.1). */
export const FORBIDDEN: ExchangeAnswer = { name: 'HTML', status: 403, body: HTML };

/** What the HTTP status alone proves not to have been executed (reference section 10.1, order protocol section 1). */
export const REFUSED_BY_STATUS: readonly ExchangeAnswer[] = [
  { name: 'HTML', status: 429, body: HTML },
  { name: 'its own code', status: 429, body: { code: 429, msg: 'Too Many Requests' } },
  { name: 'HTML', status: 418, body: HTML },
  { name: 'JSON without a code', status: 418, body: { msg: 'banned' } },
];
