import { Duration, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { expectedAlerts } from '../lib/domain/settings.ts';
import type {
  ControlEnv,
  EnvironmentOf,
  PlaceOrderEnv,
  PullKlinesEnv,
  ReadStateEnv,
  ReconcileOrdersEnv,
  SnapshotBalancesEnv,
  StreamEnv,
} from '../lib/runtime/env.ts';
import { Alarms } from './alarms.ts';
import { type Binding, invoke, readOnly, readWrite, secretName, setting } from './bindings.ts';
import { Budget } from './budget.ts';
import { type Config, candlePart, readPart, streamPart, tradingPart } from './config.ts';
import { consoleFiles } from './console.ts';
import { OperationsDashboard } from './dashboard.ts';
import { FailedRuns } from './failed-runs.ts';
import { PublicApi } from './http-api.ts';
import { NodeFunction } from './node-function.ts';
import { Notifications } from './notifications.ts';
import { Schedules } from './schedules.ts';
import { Secrets } from './secrets.ts';
import { StreamService } from './stream-service.ts';
import { Tables } from './tables.ts';

export interface MexcServerlessProps {
  readonly config: Config;
  /** Folder of the entry points. @default functions/ */
  readonly functions?: URL;
}

/** The whole system. This file is its table of contents. */
export class MexcServerless extends Stack {
  constructor(scope: Construct, id: string, props: MexcServerlessProps) {
    super(scope, id, { description: 'One alert, at most one order on MEXC spot' });
    const functions = props.functions ?? new URL('../functions/', import.meta.url);
    const config = tradingPart(props.config);
    const tables = new Tables(this, 'Tables');
    const secrets = new Secrets(this, 'Secrets');
    const failures = new FailedRuns(this, 'FailedRuns').queue;
    const exchange = setting(props.config.mexcRestUrl);

    const reconcileOrders = new NodeFunction<EnvironmentOf<typeof ReconcileOrdersEnv>>(
      this,
      'ReconcileOrders',
      {
        functions,
        config,
        deployable: 'reconcile-orders',
        description: 'Drives every unsettled order to its truth',
        timeout: Duration.seconds(58),
        dropEventsAfter: Duration.seconds(60),
        failures,
        environment: {
          ...tableVariables(tables, readWrite),
          TRADE_KEY_SECRET: secretName(secrets.tradeKey),
          MEXC_REST_URL: exchange,
        },
      },
    );

    const placeOrder = new NodeFunction<EnvironmentOf<typeof PlaceOrderEnv>>(this, 'PlaceOrder', {
      functions,
      config,
      deployable: 'place-order',
      description: 'Turns one alert into at most one order',
      timeout: Duration.seconds(10),
      memorySize: 1024,
      environment: {
        ...tableVariables(tables, readWrite),
        TRADE_KEY_SECRET: secretName(secrets.tradeKey),
        WEBHOOK_TOKENS_SECRET: secretName(secrets.webhookTokens),
        MEXC_REST_URL: exchange,
        RECONCILE_FUNCTION: invoke(reconcileOrders.function),
      },
    });

    const readState = new NodeFunction<EnvironmentOf<typeof ReadStateEnv>>(this, 'ReadState', {
      functions,
      config: readPart(props.config),
      ...(props.config.console && { files: consoleFiles() }),
      deployable: 'read-state',
      description: "Orders, positions and health as JSON, and the operator's page",
      timeout: Duration.seconds(10),
      environment: {
        ...tableVariables(tables, readOnly),
        BALANCES_TABLE: readOnly(tables.balances),
        PROFIT_TABLE: readOnly(tables.profit),
        CANDLES_TABLE: readOnly(tables.candles),
        READ_TOKEN_SECRET: secretName(secrets.readToken),
      },
    });

    const snapshotBalances = new NodeFunction<EnvironmentOf<typeof SnapshotBalancesEnv>>(
      this,
      'SnapshotBalances',
      {
        functions,
        config: props.config.snapshots,
        deployable: 'snapshot-balances',
        description: 'The account over time, and the proof that nothing is missing',
        timeout: Duration.seconds(30),
        dropEventsAfter: Duration.seconds(60),
        failures,
        environment: {
          ...tableVariables(tables, readOnly),
          STRATEGIES_TABLE: readWrite(tables.strategies),
          CONTROL_TABLE: readWrite(tables.control),
          BALANCES_TABLE: readWrite(tables.balances),
          PROFIT_TABLE: readWrite(tables.profit),
          READ_KEY_SECRET: secretName(secrets.readKey),
          MEXC_REST_URL: exchange,
        },
      },
    );

    const pullKlines = new NodeFunction<EnvironmentOf<typeof PullKlinesEnv>>(this, 'PullKlines', {
      functions,
      config: candlePart(props.config),
      deployable: 'pull-klines',
      description: 'Closed candles of all series, every hole labelled',
      timeout: Duration.minutes(4),
      dropEventsAfter: Duration.seconds(60),
      failures,
      environment: {
        // It knows the other tables by name only.
        ...tableVariables(tables, ({ tableName }) => setting(tableName)),
        CONTROL_TABLE: readWrite(tables.control),
        CANDLES_TABLE: readWrite(tables.candles),
        MEXC_REST_URL: exchange,
      },
    });

    const control = new NodeFunction<EnvironmentOf<typeof ControlEnv>>(this, 'OperatorControl', {
      functions,
      config,
      deployable: 'control',
      description: 'Modes, halt, cancel, flatten, by hand',
      // Below the 30 seconds that API Gateway waits; its own budget is shorter still.
      timeout: Duration.seconds(29),
      environment: {
        ...tableVariables(tables, readOnly),
        STRATEGIES_TABLE: readWrite(tables.strategies),
        POSITIONS_TABLE: readWrite(tables.positions),
        CONTROL_TABLE: readWrite(tables.control),
        BALANCES_TABLE: readWrite(tables.balances),
        ADMIN_TOKEN_SECRET: secretName(secrets.adminToken),
        WEBHOOK_TOKENS_SECRET: secretName(secrets.webhookTokens),
        MEXC_REST_URL: exchange,
        RECONCILE_FUNCTION: invoke(reconcileOrders.function),
      },
    });

    const stream = props.config.stream.enabled
      ? new StreamService<EnvironmentOf<typeof StreamEnv>>(this, 'Stream', {
          functions,
          config: streamPart(props.config),
          spot: props.config.stream.spot,
          environment: {
            ...tableVariables(tables, readWrite),
            BALANCES_TABLE: readWrite(tables.balances),
            READ_KEY_SECRET: secretName(secrets.readKey),
            MEXC_REST_URL: exchange,
            MEXC_WS_URL: setting(props.config.mexcWsUrl),
            RECONCILE_FUNCTION: invoke(reconcileOrders.function),
          },
        })
      : undefined;

    const api = new PublicApi(this, 'PublicApi', {
      placeOrder: placeOrder.function,
      readState: readState.function,
      control: control.function,
      console: props.config.console,
    });
    const notifications = new Notifications(this, 'Notifications', {
      functions,
      settings: props.config.notifications,
      tables,
      failures,
    });
    new Schedules(this, 'Schedules', {
      reconcileOrders: reconcileOrders.function,
      snapshotBalances: snapshotBalances.function,
      snapshotEveryMinutes: props.config.snapshots.everyMinutes,
      pullKlines: pullKlines.function,
      pullEveryMinutes: props.config.candles.everyMinutes,
      failures,
    });

    const { alarms: topic, aside: noticesAside } = notifications;
    const alarms = new Alarms(this, 'Alarms', {
      topic,
      placeOrder: placeOrder.function,
      apiId: api.apiId,
      accessLog: api.accessLog,
      failedRuns: failures,
      noticesAside,
      stream: stream !== undefined,
      alertsExpected: expectedAlerts(config).size > 0,
      snapshotEveryMinutes: props.config.snapshots.everyMinutes,
      pullEveryMinutes: props.config.candles.everyMinutes,
    });
    if (props.config.budget) new Budget(this, 'Budget', { ...props.config.budget, topic });
    new OperationsDashboard(this, 'Dashboard', {
      alarms: alarms.all,
      api,
      placeOrder,
      reconcileOrders,
      functions: [
        placeOrder,
        reconcileOrders,
        pullKlines,
        snapshotBalances,
        readState,
        control,
        ...notifications.functions,
      ],
      tables,
      queues: [failures, ...(noticesAside ? [noticesAside] : [])],
      stream: stream?.service,
    });
  }
}

/** The six tables under the names that every entry point knows them by. */
const tableVariables = (tables: Tables, access: (table: Tables['orders']) => Binding) => ({
  ORDERS_TABLE: access(tables.orders),
  STRATEGIES_TABLE: access(tables.strategies),
  POSITIONS_TABLE: access(tables.positions),
  SYMBOLS_TABLE: access(tables.symbols),
  FILLS_TABLE: access(tables.fills),
  CONTROL_TABLE: access(tables.control),
});
