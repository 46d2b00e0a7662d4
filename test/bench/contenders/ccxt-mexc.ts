// The one exchange, by its path: ccxt's own entry brings all of its exchanges, 6 MB when bundled.
import mexc from '../node_modules/ccxt/js/src/mexc.js';
import markets from './ccxt-markets.json' with { type: 'json' };

/** ccxt's exchange as favourably set up as it can be: markets known beforehand, no rate limiter. */
export const createExchange = (url: string, keys: { accessKey: string; secretKey: string }) =>
  new mexc({
    apiKey: keys.accessKey,
    secret: keys.secretKey,
    enableRateLimit: false,
    markets,
    urls: { api: { spot: { public: url, private: url } } },
  });
