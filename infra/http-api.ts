import { CfnOutput, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  CfnStage,
  HttpApi,
  HttpMethod,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { withLogicalId } from './logical-id.ts';

/** What API Gateway lets through on the webhook; a guard of the bill, never of trading. */
const WEBHOOK_THROTTLE = { throttlingRateLimit: 25, throttlingBurstLimit: 500 };
const READ_THROTTLE = { rateLimit: 25, burstLimit: 50 };

/** Facts of the exchange between caller and gateway. No header and no body: both carry tokens. */
const ACCESS_LOG = {
  requestId: '$context.requestId',
  time: '$context.requestTimeEpoch',
  ip: '$context.identity.sourceIp',
  routeKey: '$context.routeKey',
  status: '$context.status',
  responseLength: '$context.responseLength',
  latency: '$context.responseLatency',
  integrationLatency: '$context.integrationLatency',
  integrationError: '$context.integrationErrorMessage',
};

export interface PublicApiProps {
  readonly placeOrder: IFunction;
  readonly readState: IFunction;
  readonly control: IFunction;
  /** Whether `read-state` serves the operator's page. */
  readonly console: boolean;
}

/** The HTTPS side: the webhook, the read API and the operator's control. */
export class PublicApi extends Construct {
  readonly apiId: string;
  readonly accessLog: LogGroup;

  constructor(scope: Construct, id: string, { placeOrder, readState, control, console }: PublicApiProps) {
    super(scope, id);
    const api = withLogicalId(
      new HttpApi(this, 'Api', { apiName: 'mexc-serverless', createDefaultStage: false }),
      'HttpApi',
    );
    const webhook = new HttpLambdaIntegration('PlaceOrder', placeOrder);
    const read = new HttpLambdaIntegration('ReadState', readState);
    const operate = new HttpLambdaIntegration('Control', control);

    const route = (routeId: string, method: HttpMethod, path: string, integration: HttpLambdaIntegration) => {
      const [added] = api.addRoutes({ methods: [method], path, integration });
      if (!added) throw new Error(`no route for ${path}`);
      return withLogicalId(added, routeId);
    };
    const webhookRoute = route('WebhookRoute', HttpMethod.POST, '/webhook', webhook);
    route('OrdersRoute', HttpMethod.GET, '/orders', read);
    route('OrderRoute', HttpMethod.GET, '/orders/{id}', read);
    route('FillsRoute', HttpMethod.GET, '/fills', read);
    route('PositionsRoute', HttpMethod.GET, '/positions', read);
    route('BalancesRoute', HttpMethod.GET, '/balances', read);
    route('ProfitRoute', HttpMethod.GET, '/profit', read);
    route('CandlesRoute', HttpMethod.GET, '/candles', read);
    route('OverviewRoute', HttpMethod.GET, '/overview', read);
    route('EquityRoute', HttpMethod.GET, '/equity', read);
    route('SeriesRoute', HttpMethod.GET, '/series', read);
    route('SequencesRoute', HttpMethod.GET, '/sequences', read);
    route('HealthRoute', HttpMethod.GET, '/health', read);
    route('ShowControlRoute', HttpMethod.GET, '/control', operate);
    route('PutControlRoute', HttpMethod.PUT, '/control', operate);

    if (console) {
      route('ConsoleRoute', HttpMethod.GET, '/', read);
      route('ConsoleFileRoute', HttpMethod.GET, '/console/{file}', read);
    }

    this.apiId = api.apiId;
    this.accessLog = withLogicalId(
      new LogGroup(this, 'AccessLog', {
        retention: RetentionDays.ONE_MONTH,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
      'AccessLog',
    );
    const stage = withLogicalId(
      new HttpStage(this, 'Stage', {
        httpApi: api,
        stageName: '$default',
        autoDeploy: true,
        throttle: READ_THROTTLE,
        accessLogSettings: {
          destination: new LogGroupLogDestination(this.accessLog),
          format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
        },
      }),
      'HttpStage',
    );
    const settings = stage.node.defaultChild;
    if (!(settings instanceof CfnStage)) throw new Error('the stage has no resource');
    settings.routeSettings = {
      'POST /webhook': {
        ThrottlingRateLimit: WEBHOOK_THROTTLE.throttlingRateLimit,
        ThrottlingBurstLimit: WEBHOOK_THROTTLE.throttlingBurstLimit,
      },
    };
    // A stage cannot hold settings of a route that does not exist yet.
    stage.node.addDependency(webhookRoute);

    Validations.of(api).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason:
        'The functions authenticate: the alerting tool can send neither signed requests nor JWTs, only a token in the ' +
        'body, and /health is public by design. An authorizer would be a second function and a second cold start.',
    });

    new CfnOutput(Stack.of(this), 'WebhookUrl', {
      value: `${api.apiEndpoint}/webhook`,
      description: 'Where alerts are sent to',
    });
  }
}
