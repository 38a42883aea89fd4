// The clock: each minute every shard of the table is swept, by one run of the sweeper or by several.
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

export class Clock extends Construct {
  constructor(scope: Construct, id: string, sweeper: DoorFunction, sweepers: number) {
    super(scope, id);
    // Asynchronous calls are otherwise repeated for hours, each beside the tick of its own minute.
    sweeper.fn.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: FRESH });
    const group = new ScheduleGroup(this, 'Group', { removalPolicy: RemovalPolicy.DESTROY });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          StringEquals: {
            'aws:SourceAccount': Stack.of(this).account,
            'aws:SourceArn': group.scheduleGroupArn,
          },
        },
      }),
    });
    role.addToPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [sweeper.fn.functionArn] }),
    );
    for (const [index, shards] of shareShards(sweepers).entries()) {
      new Schedule(this, `Tick${index}`, {
        description: `Sweeps shards ${shards.join(', ')}`,
        schedule: ScheduleExpression.rate(Duration.minutes(1)),
        scheduleGroup: group,
        target: new LambdaInvoke(sweeper.fn, {
          input: ScheduleTargetInput.fromObject({ shards }),
          // The target would add the function's versions as well.
          role: role.withoutPolicyUpdates(),
          retryAttempts: 0,
          maxEventAge: FRESH,
        }),
      });
    }
  }
}
