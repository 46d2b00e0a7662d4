import type { StrategySettings } from '../lib/domain/settings.ts';
import type { Config } from './config.ts';

/** What a configuration means, in words: a block of lines for each part, what is switched off at the end. */
export const inWords = (config: Config): string[] => [
  `Symbols  ${config.symbols.join(', ')}: their rules are kept fresh, candles and orders are about them.`,
  '',
  ...strategiesInWords(config),
  '',
  ...schedulesInWords(config),
  '',
  ...surroundingsInWords(config),
  '',
  ...offInWords(config),
];

const strategiesInWords = ({ strategies }: Config): string[] => {
  const names = Object.entries(strategies);
  if (names.length === 0)
    return ['Strategies  none is configured: each one that has a webhook token gets the default limits.'];
  return names.flatMap(([name, strategy]) => [
    `Strategy ${name}`,
    ...strategyInWords(strategy).map((line) => `  ${line}`),
  ]);
};

const strategyInWords = (strategy: StrategySettings): string[] => {
  const aliases = Object.entries(strategy.symbolAliases).map(([alias, symbol]) => `${alias} means ${symbol}`);
  const { triggers } = strategy;
  return [
    strategy.symbols
      ? `trades ${strategy.symbols.join(', ')}`
      : 'trades every symbol that is open to the key',
    ...(aliases.length > 0 ? [`takes other spellings: ${aliases.join(', ')}`] : []),
    `an order at most ${strategy.maxOrderNotional}, a day at most ${strategy.maxNotionalPerDay} in ${strategy.maxOrdersPerDay} orders, a position at most ${strategy.maxPositionNotional} (quote currency)`,
    `at most ${strategy.maxOpenOrders} orders in flight; resting orders end after ${count(strategy.maxRestingDays, 'day')}`,
    `a price may be ${strategy.maxDeviationPercent} % from the last one; a market order may cost ${strategy.maxSlippagePercent} % more than seen`,
    strategy.undated
      ? 'takes alerts without a time, so late ones are carried out too'
      : `an alert older than ${strategy.staleAfterSeconds} s is not carried out`,
    strategy.shortAs === 'flat' ? 'a short signal sells the position' : 'a short signal is refused',
    ...(strategy.capital === undefined ? [] : [`targetPercent is of ${strategy.capital}`]),
    ...(strategy.marketAsIoc ? ['where market orders are closed, an ioc limit order is sent instead'] : []),
    ...(strategy.resendAbsent
      ? ['an order that was proven absent is sent again while its alert is fresh']
      : []),
    ...(strategy.expectAlertEvery === undefined
      ? []
      : [`an alert is overdue ${strategy.expectAlertEvery} minutes after the last one`]),
    `is set to reduce-only at ${triggers.maxDailyLoss === undefined ? '' : `a loss of ${triggers.maxDailyLoss} a day, `}${triggers.maxRejectPercent} % refused orders, or more than ${triggers.maxUnknown} unknown ones`,
  ];
};

const schedulesInWords = ({ candles, snapshots, symbols }: Config): string[] => [
  `Orders  are driven to their truth every minute.`,
  `Candles  ${candles.intervals.join(', ')} of ${(candles.symbols ?? symbols).length === symbols.length ? 'all symbols' : (candles.symbols ?? symbols).join(', ')}, pulled every ${count(candles.everyMinutes, 'minute')}; a new series starts with ${candles.depth} candles.`,
  `Balances  every ${count(snapshots.everyMinutes, 'minute')}, valued in ${snapshots.quote}.`,
  ...(snapshots.triggers.maxDrawdownPercent === undefined
    ? []
    : [`Drawdown  of ${snapshots.triggers.maxDrawdownPercent} % sets every strategy to reduce-only.`]),
  ...(snapshots.triggers.maxUnexplained === undefined
    ? []
    : [`Unexplained changes  worth ${snapshots.triggers.maxUnexplained} set every strategy to reduce-only.`]),
];

const surroundingsInWords = (config: Config): string[] => {
  const { notifications, stream, allowedAddresses, budget, expected, mexcRestUrl } = config;
  const channels = Object.entries(notifications.channels).map(
    ([name, { kind, events }]) => `${name} (${kind}: ${events.join(', ')})`,
  );
  return [
    `Exchange  ${mexcRestUrl}`,
    ...(allowedAddresses ? [`Webhook  takes alerts of ${allowedAddresses.join(', ')} only.`] : []),
    ...(notifications.email ? [`Alarms  go to ${notifications.email}.`] : []),
    ...(channels.length > 0 ? [`Channels  ${channels.join('; ')}`] : []),
    ...(stream.enabled ? [`Stream  one task${stream.spot ? ' on spare capacity' : ''}.`] : []),
    ...(budget
      ? [`Budget  ${budget.monthlyUsd} USD a month; synth fails when the estimate is above it.`]
      : []),
    `Expected  ${expected.alertsPerMonth} alerts a month (for npm run cost).`,
  ];
};

const offInWords = (config: Config): string[] => {
  const { notifications, stream, allowedAddresses, budget, snapshots } = config;
  const off = [
    [stream.enabled, 'the stream (orders are followed by polling)'],
    [notifications.email !== undefined, 'e-mail for alarms'],
    [Object.keys(notifications.channels).length > 0, 'messages about orders'],
    [allowedAddresses !== undefined, 'the list of addresses that may send alerts'],
    [budget !== undefined, 'the budget'],
    [config.console, 'the console'],
    [snapshots.triggers.maxDrawdownPercent !== undefined, 'the stop at a drawdown'],
    [snapshots.triggers.maxUnexplained !== undefined, 'the stop at unexplained changes'],
  ] as const;
  const missing = off.filter(([isOn]) => !isOn).map(([, what]) => what);
  return missing.length === 0 ? [] : ['Off', ...missing.map((what) => `  ${what}`)];
};

const count = (number: number, what: string): string => (number === 1 ? what : `${number} ${what}s`);
