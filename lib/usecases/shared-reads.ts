import type { Balance } from '../domain/exchange.ts';
import type { Clock, Exchange } from '../domain/ports.ts';

/** Age at which a shared answer is asked for again, ms. */
const FRESH_FOR = 1_000;

/**
 * The same exchange, where prices and balances asked for within one second share an answer, until an order is sent: many
 * alerts at once would otherwise spend the account's budget on reading one number again and again. What others have used
 * of a balance meanwhile is refused by the exchange itself.
 */
export const sharedReads = (exchange: Exchange, clock: Clock): Exchange => {
  const price = sharing<string>(clock);
  const balances = sharing<readonly Balance[]>(clock);
  return {
    ...exchange,
    lastPrice: (symbol, options) => price.ask(symbol, () => exchange.lastPrice(symbol, options)),
    balances: (options) => balances.ask('all', () => exchange.balances(options)),
    sendOrder: async (order, options) => {
      try {
        return await exchange.sendOrder(order, options);
      } finally {
        balances.forget();
      }
    },
  };
};

const sharing = <T>(clock: Clock) => {
  const answers = new Map<string, { readonly at: number; readonly answer: Promise<T> }>();
  return {
    ask: (key: string, ask: () => Promise<T>): Promise<T> => {
      const known = answers.get(key);
      if (known && clock.now() - known.at < FRESH_FOR) return known.answer;
      const answer = ask();
      answers.set(key, { at: clock.now(), answer });
      // A failure is nobody else's answer.
      answer.catch(() => answers.delete(key));
      return answer;
    },
    forget: () => answers.clear(),
  };
};
