// The clock: each minute shards are swept, each hour logs and accounts are looked into; and what is daily.
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Schedule, ScheduleExpression, ScheduleGroup, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import { Construct } from 'constructs';
import { SHARDS } from '../adapters/dynamodb/table-shape.ts';
import type { DoorFunction } from './door-function.ts';

/** The shards of each of `sweepers` runs; together every shard, each once. */
export const shareShards = (sweepers: number): readonly (readonly number[])[] =>
  Array.from({ length: sweepers }, (_, sweeper) =>
    Array.from({ length: SHARDS }, (__, shard) => shard).filter((shard) => shard % sweepers === sweeper),
  );

/** A tick that cannot be run within its minute is dropped: the next one does its work. */
const FRESH = Duration.minutes(1);

/** So is a look into the provider's log or account, within a time in which the next one does not come yet. */
const FRESH_HOURLY = Duration.minutes(30);

/** And what is done once a day, within some hours. */
const FRESH_DAILY = Duration.hours(6);

type Tick = { readonly description: string; readonly input: Readonly<Record<string, unknown>> };

/** Calls a function with each of the inputs, again and again. A call that fails is not repeated. */
const callEvery = (
  scope: Construct,
  door: DoorFunction,
  every: Duration,
  fresh: Duration,
  ticks: readonly Tick[],
): void => {
  // Asynchronous calls are otherwise repeated for hours, each beside the tick of its own time.
  door.fn.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: fresh });
  const group = new ScheduleGroup(scope, 'Group', { removalPolicy: RemovalPolicy.DESTROY });
  const role = new Role(scope, 'Role', {
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: {
        StringEquals: {
          'aws:SourceAccount': Stack.of(scope).account,
          'aws:SourceArn': group.scheduleGroupArn,
        },
      },
    }),
  });
  role.addToPolicy(
    new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [door.fn.functionArn] }),
  );
  for (const [index, { description, input }] of ticks.entries()) {
    new Schedule(scope, `Tick${index}`, {
      description,
      schedule: ScheduleExpression.rate(every),
      scheduleGroup: group,
      target: new LambdaInvoke(door.fn, {
        input: ScheduleTargetInput.fromObject(input),
        // The target would add the function's versions as well.
        role: role.withoutPolicyUpdates(),
        retryAttempts: 0,
        maxEventAge: fresh,
      }),
    });
  }
};

export class Clock extends Construct {
  constructor(scope: Construct, id: string, sweeper: DoorFunction, sweepers: number) {
    super(scope, id);
    const ticks = shareShards(sweepers).map((shards) => ({
      description: `Sweeps shards ${shards.join(', ')}`,
      input: { shards },
    }));
    callEvery(this, sweeper, Duration.minutes(1), FRESH, ticks);
  }
}

/** Each connection has a call of its own: one that fails or takes long holds up no other. */
export class Hourly extends Construct {
  constructor(
    scope: Construct,
    id: string,
    door: DoorFunction,
    connections: readonly string[],
    does: (connection: string) => string,
  ) {
    super(scope, id);
    const ticks = connections.map((connection) => ({
      description: does(connection),
      input: { connection },
    }));
    callEvery(this, door, Duration.hours(1), FRESH_HOURLY, ticks);
  }
}

/** One call a day. */
export class Daily extends Construct {
  constructor(scope: Construct, id: string, door: DoorFunction, does: string) {
    super(scope, id);
    callEvery(this, door, Duration.days(1), FRESH_DAILY, [{ description: does, input: {} }]);
  }
}
