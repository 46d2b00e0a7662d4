import { exchangeUrl, measureCandles, PAGE } from './candles-loop.ts';
import { createExchange } from './ccxt-mexc.ts';

const exchange = createExchange(exchangeUrl, { accessKey: 'none', secretKey: 'none' });

const measured = measureCandles(
  async (from) => (await exchange.fetchOHLCV('SOL/USDT', '1m', from, PAGE)).length,
);
// Bundled as CommonJS, which has no `await` at the top. A failure ends the process.
void measured.finally(() => exchange.close());
