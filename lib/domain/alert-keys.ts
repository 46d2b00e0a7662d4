/** The keys an alert may have. Keys are exact. */
export const ALERT_KEYS = [
  'token',
  'strategy',
  'time',
  'id',
  'sequence',
  'symbol',
  'action',
  'marketPosition',
  'type',
  'quantity',
  'quoteQuantity',
  'percent',
  'targetQuantity',
  'targetPercent',
  'price',
  'signalPrice',
  'expireAfterSeconds',
  'test',
  'info',
  'comment',
] as const;
export type AlertKey = (typeof ALERT_KEYS)[number];

/** What other bots and exchanges call our keys, without case and separators. */
const ALIASES: Readonly<Record<AlertKey, string>> = {
  token:
    'passphrase pass password secret key apikey accesskey auth authorization authtoken webhooktoken webhooksecret pin',
  strategy: 'strategyname strategyid bot botid botname botuuid algo algorithm system',
  time: 'timestamp timenow ts datetime date alerttime firedat sentat createdat timeutc',
  id: 'alertid orderid clientorderid neworderid newclientorderid uuid signalid idempotencykey requestid tradeid',
  sequence: 'seq sequencenumber nonce counter number',
  symbol: 'ticker tickerid pair market instrument currencypair tradingpair coin asset product sym instid',
  action: 'side direction orderaction strategyorderaction signal cmd command buysell operation',
  marketPosition: 'sentiment position strategymarketposition marketpos positiondirection',
  type: 'ordertype ordtype orderkind timeinforce tif',
  quantity:
    'qty contracts ordercontracts strategyordercontracts amount size volume units lots shares quantitybase basequantity ' +
    'baseqty baseamount amountbase orderqty ordersize orderquantity',
  quoteQuantity:
    'quote quoteqty quoteamount quoteorderqty quotequantityusdt usd usdt usdc cost notional funds amountusd amountusdt ' +
    'amountquote quantityquote sizeusd sizeusdt quotesize value cash',
  percent:
    'percentage pct percentof quantitypercent qtypercent qtypct amountpercent percentofequity equitypercent sizepercent ' +
    'balancepercent percentofbalance risk riskpercent',
  targetQuantity: 'positionsize strategypositionsize target targetqty targetsize targetposition targetamount',
  targetPercent: 'targetpct targetpercentage targetweight weight allocation',
  price: 'limit limitprice orderprice px',
  signalPrice: 'close closeprice lastprice currentprice marketprice alertprice entryprice refprice',
  expireAfterSeconds:
    'expireafter expires expiry expiration expiresin expireseconds ttl timeout validfor validseconds',
  test: 'dryrun dry testmode istest paper papertrade papertrading sandbox demo simulate validate',
  info: 'meta metadata extra data params tags custom payload interval timeframe tf exchange',
  comment:
    'message msg text note notes description reason label strategyordercomment ordercomment alertmessage',
};

const flat = (key: string): string => key.replaceAll(/[\s_.-]/g, '').toLowerCase();

const KEY_OF = new Map<string, AlertKey>(
  ALERT_KEYS.flatMap((key) => [...ALIASES[key].split(' '), flat(key)].map((alias) => [alias, key] as const)),
);

/** Orders and settings that exist on futures exchanges or elsewhere, but not on MEXC spot. */
const NO_SUCH_ORDER = new RegExp(
  '^(stop|trail|trigger|take|leverag|margin|reduce|hedge|isolated|crossmargin|activationprice|callbackrate|' +
    'closeposition|closeontrigger|position(side|mode)|' +
    '(sl|tp|tpsl|sltp|lev|lever|oco|oto|bracket|breakeven|posside|cross|short)$|(sl|tp)(\\d|price|percent|pct))',
);

const KNOWN: ReadonlySet<string> = new Set(ALERT_KEYS);

export const isAlertKey = (key: string): boolean => KNOWN.has(key);

/** Why an unknown key is refused, with the right key when we can guess it. Never an echo of the key. */
export const unknownKeyMessage = (key: string): string => {
  const name = flat(key);
  const right = KEY_OF.get(name);
  if (right !== undefined && name === flat(right)) return `unknown key: use ${right} (keys are exact)`;
  if (right === 'info') return 'unknown key: it may go into info';
  if (right !== undefined) return `unknown key: use ${right}`;
  if (NO_SUCH_ORDER.test(name)) return 'MEXC spot has no such order';
  if (name === 'postonly') return 'unknown key: use type limit_maker';
  return 'unknown key';
};

/** So many characters in a row of a secret, in any case of letters, are not shown. */
const PIECE = 6;
const HIDDEN = '(not shown)';
const HIDDEN_KEY = '(key not shown)';
const SHOWN_CHARACTERS = 64;

/** A secret that stands in the strategy's own name hides nothing: the name is shown everywhere. */
export const worthHiding = (secrets: readonly string[], strategy: string | undefined): readonly string[] =>
  secrets.filter((secret) => strategy?.includes(secret) !== true);

/** True when the whole secret stands in the text. Secrets shorter than a piece are words that anybody may write. */
export const holdsSecret = (text: string, secrets: readonly string[]): boolean =>
  secrets.some((secret) => secret.length >= PIECE && text.includes(secret));

/** True when a secret, or six characters in a row of it, stand in the text. */
export const holdsPieceOfSecret = (text: string, secrets: readonly string[]): boolean => {
  const lower = text.toLowerCase();
  return secrets.some((secret) => {
    const hidden = secret.toLowerCase();
    if (hidden.length < PIECE) return hidden !== '' && lower.includes(hidden);
    for (let at = 0; at + PIECE <= hidden.length; at += 1) {
      if (lower.includes(hidden.slice(at, at + PIECE))) return true;
    }
    return false;
  });
};

/** The text with every secret replaced. */
export const withoutSecrets = (text: string, secrets: readonly string[]): string => {
  let shown = text;
  for (const secret of secrets) if (secret.length >= PIECE) shown = shown.replaceAll(secret, HIDDEN);
  return shown;
};

/**
 * A key as it may stand in an answer: at most 64 characters, invisible ones escaped, nothing at all when it holds a
 * piece of a secret.
 */
export const shownKey = (key: string, secrets: readonly string[]): string => {
  if (key === '') return '(empty key)';
  if (holdsPieceOfSecret(key, secrets)) return HIDDEN_KEY;
  const characters = [...key];
  const shown = characters
    .slice(0, SHOWN_CHARACTERS)
    .join('')
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, escaped);
  return characters.length > SHOWN_CHARACTERS ? `${shown}…` : shown;
};

const escaped = (character: string): string => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
