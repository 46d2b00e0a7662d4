/** What each role may do: resource → actions. Resources are logical ids; `/index/*` its indexes, `:*` its versions. */
export type Rights = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

const READ = [
  'dynamodb:GetItem',
  'dynamodb:BatchGetItem',
  'dynamodb:Query',
  'dynamodb:Scan',
  'dynamodb:ConditionCheckItem',
];
const READ_WRITE = [...READ, 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:BatchWriteItem'];
const FOLLOW = [
  'dynamodb:DescribeStream',
  'dynamodb:GetRecords',
  'dynamodb:GetShardIterator',
  'dynamodb:ListStreams',
];
const SECRET = ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'];
const LOG = ['logs:CreateLogStream', 'logs:PutLogEvents'];
const INVOKE = ['lambda:InvokeFunction'];
const PUT = ['sqs:SendMessage'];
const TAKE = [
  'sqs:ReceiveMessage',
  'sqs:DeleteMessage',
  'sqs:GetQueueAttributes',
  'sqs:ChangeMessageVisibility',
];
const PUBLISH = ['sns:Publish'];
/** The repository that `cdk bootstrap` makes for images. */
const IMAGES =
  'arn:AWS::Partition:ecr:AWS::Region:AWS::AccountId:repository/cdk-hnb659fds-container-assets-$' +
  '{AWS::AccountId}-$' +
  '{AWS::Region}';

/** Nobody may delete an item, change a table, or write a secret. */
export const DEFAULT: Rights = {
  PlaceOrderRole: {
    PlaceOrderLog: LOG,
    Orders: READ_WRITE,
    'Orders/index/*': READ_WRITE,
    Strategies: READ_WRITE,
    Positions: READ_WRITE,
    Symbols: READ_WRITE,
    Fills: READ_WRITE,
    'Fills/index/*': READ_WRITE,
    Control: READ_WRITE,
    TradeKey: SECRET,
    WebhookTokens: SECRET,
    ReconcileOrders: INVOKE,
    'ReconcileOrders:*': INVOKE,
  },
  ReconcileOrdersRole: {
    ReconcileOrdersLog: LOG,
    FailedRuns: PUT,
    Orders: READ_WRITE,
    'Orders/index/*': READ_WRITE,
    Strategies: READ_WRITE,
    Positions: READ_WRITE,
    Symbols: READ_WRITE,
    Fills: READ_WRITE,
    'Fills/index/*': READ_WRITE,
    Control: READ_WRITE,
    TradeKey: SECRET,
  },
  ReadStateRole: {
    ReadStateLog: LOG,
    Orders: READ,
    'Orders/index/*': READ,
    Strategies: READ,
    Positions: READ,
    Symbols: READ,
    Fills: READ,
    'Fills/index/*': READ,
    Control: READ,
    Balances: READ,
    Profit: READ,
    Candles: READ,
    ReadToken: SECRET,
  },
  OperatorControlRole: {
    OperatorControlLog: LOG,
    Orders: READ,
    'Orders/index/*': READ,
    Strategies: READ_WRITE,
    Positions: READ_WRITE,
    Symbols: READ,
    Fills: READ,
    'Fills/index/*': READ,
    Control: READ_WRITE,
    Balances: READ_WRITE,
    AdminToken: SECRET,
    WebhookTokens: SECRET,
    ReconcileOrders: INVOKE,
    'ReconcileOrders:*': INVOKE,
  },
  SnapshotBalancesRole: {
    SnapshotBalancesLog: LOG,
    FailedRuns: PUT,
    Orders: READ,
    'Orders/index/*': READ,
    Strategies: READ_WRITE,
    Positions: READ,
    Symbols: READ,
    Fills: READ,
    'Fills/index/*': READ,
    Control: READ_WRITE,
    Balances: READ_WRITE,
    Profit: READ_WRITE,
    ReadKey: SECRET,
  },
  PullKlinesRole: {
    PullKlinesLog: LOG,
    FailedRuns: PUT,
    Control: READ_WRITE,
    Candles: READ_WRITE,
  },
  NotifyRole: {
    NotifyLog: LOG,
    FailedRuns: PUT,
  },
  ScheduleRole: {
    ReconcileOrders: INVOKE,
    'ReconcileOrders:*': INVOKE,
    SnapshotBalances: INVOKE,
    'SnapshotBalances:*': INVOKE,
    PullKlines: INVOKE,
    'PullKlines:*': INVOKE,
    FailedRuns: PUT,
  },
};

/** With the stream, a messenger (`phone`), e-mail (`letters`) and a budget. */
export const EVERYTHING: Rights = {
  ...DEFAULT,
  NotifyRole: {
    ...DEFAULT.NotifyRole,
    'Orders.StreamArn': FOLLOW,
    'Strategies.StreamArn': FOLLOW,
    PhoneNotices: PUT,
    LettersNotices: PUT,
  },
  SendNoticeRole: {
    SendNoticeLog: LOG,
    PhoneNotices: TAKE,
    LettersNotices: TAKE,
    NoticesAside: PUT,
    LettersMail: PUBLISH,
    NotifySecret: SECRET,
  },
  StreamRole: {
    Orders: READ_WRITE,
    'Orders/index/*': READ_WRITE,
    Strategies: READ_WRITE,
    Positions: READ_WRITE,
    Symbols: READ_WRITE,
    Fills: READ_WRITE,
    'Fills/index/*': READ_WRITE,
    Control: READ_WRITE,
    Balances: READ_WRITE,
    ReadKey: SECRET,
    ReconcileOrders: INVOKE,
    'ReconcileOrders:*': INVOKE,
  },
  // Of ECS itself, which fetches the image and makes the log.
  StreamServiceTaskExecutionRole43D1E2E1: {
    StreamLog: LOG,
    '*': ['ecr:GetAuthorizationToken'],
    [IMAGES]: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
  },
};
