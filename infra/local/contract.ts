/**
 * What the design promises of the template (sections 1, 5 and 11). A start without one of these is a failure, named;
 * otherwise a lost route or table would only show when an alert arrives.
 */
export const CONTRACT = {
  tables: [
    'Orders',
    'Strategies',
    'Positions',
    'Symbols',
    'Fills',
    'Control',
    'Balances',
    'Profit',
    'Candles',
  ],
  deployables: [
    'place-order',
    'reconcile-orders',
    'read-state',
    'control',
    'snapshot-balances',
    'pull-klines',
    'notify',
  ],
  routes: [
    'POST /webhook',
    'GET /orders',
    'GET /orders/{id}',
    'GET /fills',
    'GET /positions',
    'GET /balances',
    'GET /profit',
    'GET /candles',
    'GET /health',
    'GET /control',
    'PUT /control',
  ],
  /** Runs once before anyone can send an alert. */
  first: 'reconcile-orders',
  scheduled: ['reconcile-orders', 'snapshot-balances', 'pull-klines'],
} as const;

/** Secrets by logical id. The settings fill those that the template has. */
export type SecretId = 'TradeKey' | 'ReadKey' | 'WebhookTokens' | 'AdminToken' | 'ReadToken';
