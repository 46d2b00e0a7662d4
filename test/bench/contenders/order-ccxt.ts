import { createExchange } from './ccxt-mexc.ts';
import { exchangeUrl, KEYS, measureOrders, ORDER } from './order-loop.ts';

const exchange = createExchange(exchangeUrl, KEYS);
const quantity = Number(ORDER.quantity);
const price = Number(ORDER.price);

const measured = measureOrders(async (clientOrderId) => {
  const { id } = await exchange.createOrder('SOL/USDT', 'limit', 'buy', quantity, price, { clientOrderId });
  if (id !== `C02__${clientOrderId}`) throw new Error(`refused: ${id}`);
});
// Bundled as CommonJS, which has no `await` at the top. A failure ends the process.
void measured.finally(() => exchange.close());
