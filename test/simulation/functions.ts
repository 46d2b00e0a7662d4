import type { Log } from '../../lib/domain/ports.ts';
import { settingsOf } from '../../lib/domain/settings.ts';
import type { Exchange } from '../../lib/simulator/exchange.ts';
import { acceptAlert, type Gatekeeper } from '../../lib/usecases/accept-alert.ts';
import { putControl } from '../../lib/usecases/put-control.ts';
import { reconcileOrders } from '../../lib/usecases/reconcile-orders.ts';
import type { DynamoInTime } from '../support/memory-dynamo/client.ts';
import type { Chance } from './chance.ts';
import type { Disturbances } from './faults.ts';
import { createMachine, type Machine } from './machine.ts';
import type { Plan } from './plan.ts';
import { type Process, startProcess } from './process.ts';
import type { Timeline } from './timeline.ts';

/** The token that every strategy's alerts carry. */
export const TOKEN = 'simulation-token';

/** Of the schedule's function, as the template has it, and what its entry point keeps back; ms. */
const RECONCILE_TIMEOUT = 58_000;
const RECONCILE_RESERVE = 2_000;
/** What the control function gives itself, ms. */
const CONTROL_BUDGET = 25_000;

/** The functions of the order path. A runtime has one invocation at a time and is kept warm. */
export interface Functions {
  /** @param done told the answer, unless the process dies first */
  place(delivery: { readonly body: string }, done: (answer: Answered) => void): void;
  reconcile(woken: boolean): void;
  /** `PUT /control`. @param done as of `place` */
  control(body: unknown, done: (answer: Answered) => void): void;
  /** Machines that stand still at the moment. */
  frozen(): number;
  /** All machines in the order in which they started. */
  readonly machines: readonly Machine[];
}

export interface Answered {
  readonly status: number;
  readonly body: unknown;
  /** An error that no entry point should ever see. */
  readonly thrown?: unknown;
}

export interface FunctionParts {
  readonly plan: Plan;
  readonly timeline: Timeline;
  readonly exchange: Exchange;
  readonly dynamo: DynamoInTime;
  readonly chance: Chance;
  readonly disturbances: Disturbances;
  readonly log: Log;
  /** Somebody asked for a run of the reconciler. */
  readonly onWake: () => void;
}

interface Runtime {
  readonly machine: Machine;
  readonly process: Process;
  busy: boolean;
}

const gatekeeper: Gatekeeper = {
  allowedAddresses: undefined,
  authenticate: async (_, token) => (token === TOKEN ? [TOKEN] : undefined),
};

export const createFunctions = (parts: FunctionParts): Functions => {
  const { plan, timeline, chance, disturbances } = parts;
  const machines: Machine[] = [];

  const start = (name: string): Runtime => {
    const own = chance.stream(`${name}-${machines.length}`);
    const drift = { offset: own.whole(-plan.apart, plan.apart), ppm: own.whole(-50, 50) };
    const machine = createMachine(`${name}-${machines.length}`, timeline, drift, disturbances.stops);
    machines.push(machine);
    const process = startProcess({
      ...parts,
      machine,
      chance: own,
      fates: disturbances.fates(own.stream('fates')),
      address: '10.0.0.1',
      passage: disturbances.passage,
      atExchange: disturbances.atExchange,
      wake: parts.onWake,
      strategies: Object.keys(plan.strategies),
      settingsOf: (strategy) => settingsOf({ strategies: plan.strategies, symbols: [] }, strategy),
    });
    return { machine, process, busy: false };
  };

  const createPool = (name: string) => {
    const runtimes: Runtime[] = [];
    return (invocation: (runtime: Runtime) => Promise<void>): void => {
      const idle = runtimes.find(({ busy, machine }) => !busy && !machine.isDead());
      const runtime = idle ?? start(name);
      if (!idle) runtimes.push(runtime);
      runtime.busy = true;
      void invocation(runtime).finally(() => {
        runtime.busy = false;
      });
    };
  };

  const placing = createPool('place');
  const reconciling = createPool('reconcile');
  const controlling = createPool('control');
  return {
    machines,
    frozen: () => machines.filter((machine) => machine.isFrozen()).length,
    place: ({ body }, done) => {
      const arrival = timeline.now();
      placing(async ({ process: { trading } }) => {
        const delivery = {
          contentType: 'application/json',
          authorization: undefined,
          sourceAddress: '52.89.214.238',
          body: Buffer.from(body),
          arrival,
        };
        try {
          done(await acceptAlert(delivery, gatekeeper, trading));
        } catch (thrown) {
          done({ status: 503, body: { error: 'thrown' }, thrown });
        }
      });
    },
    reconcile: (woken) => {
      reconciling(async ({ process: { trading, modes } }) => {
        const deadline = trading.clock.now() + RECONCILE_TIMEOUT - RECONCILE_RESERVE;
        // A run that fails is repeated by the next minute.
        await reconcileOrders({ woken, symbols: plan.symbols, modes }, trading, { deadline }).catch(
          () => undefined,
        );
      });
    },
    control: (body, done) => {
      controlling(async ({ process: { control } }) => {
        const delivery = {
          contentType: 'application/json',
          body: Buffer.from(JSON.stringify(body)),
          secrets: [],
        };
        try {
          done(await putControl(delivery, control, { deadline: control.clock.now() + CONTROL_BUDGET }));
        } catch (thrown) {
          done({ status: 500, body: { error: 'thrown' }, thrown });
        }
      });
    },
  };
};
