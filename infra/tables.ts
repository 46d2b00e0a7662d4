import { RemovalPolicy } from 'aws-cdk-lib';
import { type Attribute, AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { withLogicalId } from './logical-id.ts';

interface Keys {
  readonly partition: string;
  readonly sort?: string;
}

interface TableShape extends Keys {
  /** Global secondary indexes by name; all carry the whole item. */
  readonly indexes?: Record<string, Keys>;
  /** Attribute with the epoch second after which the item may go. */
  readonly expires?: string;
}

const text = (name: string): Attribute => ({ name, type: AttributeType.STRING });

const keySchema = ({ partition, sort }: Keys) => ({
  partitionKey: text(partition),
  ...(sort && { sortKey: text(sort) }),
});

/** One table per aggregate. All keys are text; everything is kept when the stack goes. */
export class Tables extends Construct {
  /** One item per order, refused alerts included; only those expire. */
  readonly orders = this.#table('Orders', {
    partition: 'id',
    indexes: {
      'by-time': { partition: 'ledger', sort: 'listed' },
      'by-strategy': { partition: 'strategy', sort: 'listed' },
      unsettled: { partition: 'unsettled', sort: 'listed' },
    },
    expires: 'expiresAt',
  });

  /** Mode, counters, reservations and ids in flight of each strategy. */
  readonly strategies = this.#table('Strategies', { partition: 'strategy' });

  /** Quantity, cost and lane per strategy and symbol. */
  readonly positions = this.#table('Positions', { partition: 'strategy', sort: 'symbol' });

  /** The exchange's rules per symbol. */
  readonly symbols = this.#table('Symbols', { partition: 'symbol' });

  /** Own trades, by the exchange's trade id. */
  readonly fills = this.#table('Fills', {
    partition: 'symbol',
    sort: 'tradeId',
    indexes: {
      'by-order': { partition: 'order', sort: 'tradeId' },
      'by-lane': { partition: 'lane', sort: 'place' },
    },
  });

  /** Few items shared by all: pace, clock, default mode, leases. */
  readonly control = this.#table('Control', { partition: 'name' });

  /** The account at one moment, one item per slot. */
  readonly balances = this.#table('Balances', { partition: 'account', sort: 'at' });

  /** Results by UTC day, strategy and symbol. */
  readonly profit = this.#table('Profit', { partition: 'day', sort: 'lane' });

  /** Candles: one item per symbol, interval and window of sixty, and one per series. */
  readonly candles = this.#table('Candles', { partition: 'series', sort: 'start' });

  #table(id: string, { indexes = {}, expires, ...keys }: TableShape): Table {
    const table = new Table(this, id, {
      ...keySchema(keys),
      ...(expires && { timeToLiveAttribute: expires }),
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    for (const [indexName, index] of Object.entries(indexes)) {
      table.addGlobalSecondaryIndex({ indexName, ...keySchema(index) });
    }
    return withLogicalId(table, id);
  }
}
