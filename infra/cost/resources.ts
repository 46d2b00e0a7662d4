import * as z from 'zod';

const Template = z.looseObject({
  Resources: z.record(
    z.string(),
    z.looseObject({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) }),
  ),
});

const Tags = z.array(z.looseObject({ Key: z.string(), Value: z.unknown() }));
const Numeric = z.coerce.number();
const Route = z.looseObject({ ThrottlingRateLimit: Numeric });
const Container = z.looseObject({ Cpu: Numeric, Memory: Numeric });

/** What a template has of everything that is billed while it stands there. */
export interface Resources {
  /** Memory in MB by deployable. */
  readonly memory: ReadonlyMap<string, number>;
  /** Runs a month of every schedule by deployable. */
  readonly runs: ReadonlyMap<string, number>;
  readonly secrets: number;
  /** Metrics that alarms look at. */
  readonly alarms: number;
  readonly dashboards: number;
  /** Queues that Lambda asks for messages all the time. */
  readonly polledQueues: number;
  readonly natInstances: number;
  /** vCPU and GB of the task that runs all the time. */
  readonly task: { readonly cpus: number; readonly gb: number; readonly spot: boolean } | undefined;
  /** Requests a second that API Gateway lets through on the webhook. */
  readonly webhookRate: number;
}

export const HOURS = 730;
const MINUTES = HOURS * 60;

/** Reads a synthesized template. @throws z.ZodError when it is none */
export const resourcesIn = (template: unknown): Resources => {
  const all = Object.entries(Template.parse(template).Resources).map(([id, { Type, Properties }]) => ({
    id,
    type: Type,
    properties: Properties,
  }));
  const of = (type: string) => all.filter((each) => each.type === type);
  const functions = of('AWS::Lambda::Function').map(({ id, properties }) => {
    const tags = Tags.safeParse(properties.Tags).data ?? [];
    const deployable = tags.find(({ Key }) => Key === 'deployable')?.Value;
    return { id, name: String(deployable ?? id), memory: Numeric.parse(properties.MemorySize ?? 128) };
  });
  const runs = new Map<string, number>();
  for (const { properties } of of('AWS::Scheduler::Schedule')) {
    const target = JSON.stringify(properties.Target);
    const found = functions.find(({ id }) => target.includes(`"${id}"`));
    if (found)
      runs.set(found.name, (runs.get(found.name) ?? 0) + runsOf(String(properties.ScheduleExpression)));
  }
  const [task] = of('AWS::ECS::TaskDefinition').map(({ properties }) => Container.parse(properties));
  const [stage] = of('AWS::ApiGatewayV2::Stage');
  const routes = z.record(z.string(), Route).safeParse(stage?.properties.RouteSettings).data;
  const mappings = of('AWS::Lambda::EventSourceMapping').map(({ properties }) => JSON.stringify(properties));
  const queues = of('AWS::SQS::Queue').map(({ id }) => id);
  return {
    memory: new Map(functions.map(({ name, memory }) => [name, memory])),
    runs,
    secrets: of('AWS::SecretsManager::Secret').length,
    alarms: of('AWS::CloudWatch::Alarm').reduce((sum, { properties }) => sum + metricsOf(properties), 0),
    dashboards: of('AWS::CloudWatch::Dashboard').length,
    polledQueues: queues.filter((id) => mappings.some((text) => text.includes(`"${id}"`))).length,
    natInstances: of('AWS::EC2::Instance').length + of('AWS::AutoScaling::AutoScalingGroup').length,
    task: task && {
      cpus: task.Cpu / 1024,
      gb: task.Memory / 1024,
      spot: JSON.stringify(of('AWS::ECS::Service')).includes('FARGATE_SPOT'),
    },
    webhookRate: routes?.['POST /webhook']?.ThrottlingRateLimit ?? 0,
  };
};

/** An alarm over an expression is billed for each metric in it. */
const metricsOf = (properties: Readonly<Record<string, unknown>>): number => {
  const metrics = z
    .array(z.looseObject({ MetricStat: z.unknown().optional() }))
    .safeParse(properties.Metrics).data;
  return Math.max(1, (metrics ?? []).filter(({ MetricStat }) => MetricStat !== undefined).length);
};

const LENGTHS: Readonly<Record<string, number>> = { minute: 1, hour: 60, day: 1_440 };

const runsOf = (expression: string): number => {
  const [, every, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  return every && unit ? MINUTES / (Number(every) * (LENGTHS[unit] ?? 1)) : 0;
};
