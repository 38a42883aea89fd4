// Every alarm reaches a person and tells them what to do.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Gauge, Metric } from '../../core/ports.ts';
import config from '../../lib/config.ts';
import { STAGES } from '../../lib/settings.ts';
import {
  deployAll,
  deployStage,
  only,
  PATIENCE_MS,
  propertiesOf,
  type Deployed,
  MAILING,
} from './deployed.ts';

type AlarmProperties = {
  readonly AlarmName: string;
  readonly AlarmDescription: string;
  readonly AlarmActions: readonly unknown[];
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: unknown }[];
  readonly TreatMissingData: string;
  readonly Period: number;
  readonly EvaluationPeriods: number;
};

let deployed: Deployed;
beforeAll(() => {
  deployed = deployAll();
}, PATIENCE_MS);

const alarmsIn = (template: Template): AlarmProperties[] =>
  Object.values(propertiesOf(template, 'AWS::CloudWatch::Alarm')) as unknown as AlarmProperties[];

const alarmsOf = (stage: 'dev' | 'prod'): AlarmProperties[] => alarmsIn(deployed[stage]);

/** A stage with everything that is off unless it is asked for. */
const exporting = (): Template => deployStage('dev', { export: { bucket: 'create' } }, { policy: MAILING });

const RUNBOOK = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'runbook.md'), 'utf8');

/** The entries of the runbook by their anchor, as GitHub makes it of a heading. */
const entries = new Map(
  RUNBOOK.split(/^## /m)
    .slice(1)
    .map((entry) => {
      const [heading = ''] = entry.split('\n', 1);
      return [
        heading
          .toLowerCase()
          .replaceAll(/[^a-z0-9 -]/g, '')
          .trim()
          .replaceAll(' ', '-'),
        entry,
      ] as const;
    }),
);

const entryOf = ({ AlarmDescription }: AlarmProperties): string =>
  /docs\/runbook\.md#([a-z-]+)$/.exec(AlarmDescription)?.[1] ?? 'no entry';

describe('the runbook', () => {
  test('has an entry for every alarm, and an alarm for every entry', () => {
    const asked = new Set(
      [...STAGES.flatMap((stage) => alarmsOf(stage)), ...alarmsIn(exporting())].map(entryOf),
    );
    expect([...asked].toSorted()).toEqual([...entries.keys()].toSorted());
  });

  test.each([...entries])(
    'says of %s what it means, how to look into it and how to put it right',
    (_, entry) => {
      const headings = [...entry.matchAll(/^\*\*(\w+)\*\*/gm)].map((match) => match[1]);
      expect(headings).toEqual(['Description', 'Investigation', 'Resolution']);
      const parts = entry.split(/^\*\*\w+\*\*/m).slice(1);
      for (const part of parts) expect(part.trim().length).toBeGreaterThan(40);
    },
  );
});

describe.each(STAGES)('stage %s', (stage) => {
  test('every alarm is told when it is raised and when it is over', () => {
    for (const alarm of alarmsOf(stage)) {
      expect(alarm.AlarmActions).toHaveLength(1);
      expect(alarm).toHaveProperty('OKActions', alarm.AlarmActions);
    }
  });

  test('alarms may publish to their topic although it has a policy of its own', () => {
    expect(only(deployed[stage], 'AWS::SNS::TopicPolicy')).toMatchObject({
      PolicyDocument: {
        Statement: expect.arrayContaining([
          expect.objectContaining({
            Effect: 'Allow',
            Action: 'sns:Publish',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
          }),
        ]),
      },
    });
  });

  /** Everything we alarm on, which the compiler holds to what the functions count. */
  const counted: readonly (Metric | Gauge)[] = [
    'claim_stale',
    'customer_set_aside',
    'invariant_broken',
    'link_refused',
    'portal_failed',
    'reconcile_gap',
    'reconcile_lag_seconds',
    'reconcile_recorded',
    'reconcile_refused',
    'signature_refused',
    'step_uncertain',
    'sweep_lag_seconds',
    'throttled',
    'two_owners',
    'unrouted_set_aside',
    'visit_failed',
    'walk_failed',
    'webhook_received',
  ];

  test('what is watched is what the functions count, under the dimensions they count it by', () => {
    const ours = alarmsOf(stage).filter(({ Namespace }) => Namespace === 'Recoup');
    const names = new Set(ours.map(({ MetricName }) => MetricName));
    const expected = counted.filter((name) => name !== 'webhook_received' || stage === 'prod');
    expect([...names].toSorted()).toEqual(expected);
    for (const { Dimensions = [], MetricName } of ours) {
      const door = ['signature_refused', 'webhook_received'].includes(MetricName)
        ? 'receive-webhook'
        : MetricName.startsWith('reconcile_')
          ? 'reconcile'
          : MetricName === 'walk_failed'
            ? 'look-ahead'
            : ['link_refused', 'portal_failed'].includes(MetricName)
              ? 'customer-page'
              : 'run-due-actions';
      expect(Dimensions).toEqual([
        { Name: 'service', Value: door },
        { Name: 'stage', Value: stage },
      ]);
    }
  });

  test('a clock that stands still, the hourly ones too, is noticed by its silence; other silence is good news', () => {
    const breaching = alarmsOf(stage)
      .filter(({ TreatMissingData }) => TreatMissingData === 'breaching')
      .map(entryOf);
    expect(breaching.toSorted()).toEqual(
      stage === 'prod'
        ? ['clock-stopped', 'look-ahead-stopped', 'no-webhooks', 'reconcile-stopped']
        : ['clock-stopped', 'look-ahead-stopped', 'reconcile-stopped'],
    );
  });

  test('no alarm looks back further than CloudWatch does: one day', () => {
    for (const { Period, EvaluationPeriods } of alarmsOf(stage)) {
      expect(Period * EvaluationPeriods).toBeLessThanOrEqual(86_400);
    }
  });
});

test('an address that is configured is subscribed', () => {
  const template = deployStage('dev', { alarms: { ...config.dev.alarms, email: 'ops@example.com' } });
  expect(only(template, 'AWS::SNS::Subscription')).toMatchObject({
    Protocol: 'email',
    Endpoint: 'ops@example.com',
  });
});

test('an export that fails, or is held back, raises its own alarm within the hour', () => {
  const ofExport = alarmsIn(exporting()).filter(({ AlarmName }) => AlarmName.includes('export'));
  expect(ofExport.map(({ AlarmName, MetricName, Period }) => [AlarmName, MetricName, Period])).toEqual([
    ['recoup-dev-export-failing', 'Errors', 3600],
    ['recoup-dev-function-throttles-export', 'Throttles', 3600],
  ]);
});
