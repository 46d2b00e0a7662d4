import { createExchangeClock } from '../../lib/domain/exchange-time.ts';
import type { Modes } from '../../lib/domain/mode-change.ts';
import type { Log } from '../../lib/domain/ports.ts';
import type { StrategySettings } from '../../lib/domain/settings.ts';
import { createBalances } from '../../lib/dynamo/balances.ts';
import { createLedger } from '../../lib/dynamo/ledger.ts';
import { createModes } from '../../lib/dynamo/modes.ts';
import { createPace } from '../../lib/dynamo/pace.ts';
import { createReadBudget } from '../../lib/dynamo/read-budget.ts';
import { createRunLease } from '../../lib/dynamo/run-lease.ts';
import { createMexcClient } from '../../lib/mexc/client.ts';
import { type Exchange, SIMULATOR_KEYS } from '../../lib/simulator/exchange.ts';
import type { Controlling } from '../../lib/usecases/controlling.ts';
import { createCrowd } from '../../lib/usecases/crowd.ts';
import type { Trading } from '../../lib/usecases/trading.ts';
import type { DynamoInTime } from '../support/memory-dynamo/client.ts';
import type { Fates } from '../support/memory-dynamo/faults.ts';
import { type Chance, drawNonce } from './chance.ts';
import type { Machine } from './machine.ts';
import { connectStore } from './store-port.ts';
import type { Timeline } from './timeline.ts';
import { createWire, type WireParts } from './wire.ts';

export interface ProcessParts {
  readonly machine: Machine;
  readonly timeline: Timeline;
  readonly exchange: Exchange;
  readonly dynamo: DynamoInTime;
  readonly fates: Fates;
  readonly chance: Chance;
  readonly address: string;
  readonly passage: WireParts['passage'];
  readonly atExchange: WireParts['atExchange'];
  readonly wake: () => void;
  readonly log: Log;
  readonly strategies: readonly string[];
  readonly settingsOf: (strategy: string) => StrategySettings;
}

/** What the three functions of the order path are given. */
export interface Process {
  readonly trading: Trading;
  readonly modes: Modes;
  readonly control: Controlling;
}

/** What an entry point builds at its cold start, on the parts of a simulated world. */
export const startProcess = (parts: ProcessParts): Process => {
  const { machine, timeline, chance } = parts;
  const { clock, setTimer, gate } = machine;
  const random = chance.stream('random');
  const nonces = chance.stream('nonces');
  const dynamo = connectStore(machine, parts.dynamo, timeline, chance.stream('store'), parts.fates);
  const exchangeClock = createExchangeClock(clock.now);
  const pace = createPace(dynamo);
  const trading: Trading = {
    clock,
    exchange: createMexcClient({
      baseUrl: 'http://exchange.invalid',
      credentials: async () => SIMULATOR_KEYS.trade,
      clock,
      exchangeClock,
      readBudget: createReadBudget(dynamo),
      onPause: (until, { deadline }) => pace.pause(until, { deadline }),
      random: () => random.fraction(),
      dispatcher: createWire({ ...parts, chance: chance.stream('wire') }),
      setTimer,
    }),
    exchangeClock,
    ledger: createLedger(dynamo),
    pace,
    lease: createRunLease(dynamo),
    crowd: createCrowd(clock),
    waker: {
      wake: async () => {
        await gate('before wake');
        parts.wake();
        await gate('after wake');
      },
    },
    log: parts.log,
    nonce: () => drawNonce(nonces),
    random: () => random.fraction(),
    settingsOf: parts.settingsOf,
  };
  const modes = createModes(dynamo);
  const control: Controlling = {
    clock,
    ledger: trading.ledger,
    modes,
    balances: createBalances(dynamo, { balances: 'Balances', profit: 'Profit' }),
    measureTime: trading.exchange.measureTime,
    startRun: () => trading.waker.wake({ strategy: '', symbol: '' }),
    configured: parts.strategies,
    withToken: async () => parts.strategies,
    settingsOf: parts.settingsOf,
    log: parts.log,
    nonce: trading.nonce,
  };
  return { trading, modes, control };
};
