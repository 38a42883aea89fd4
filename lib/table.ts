// The one table, and what each function may do with it: permission and the table's name go together.
import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Billing, ProjectionType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { FIGURES_PLACES, TABLE } from '../adapters/dynamodb/table-shape.ts';
import type { DoorFunction } from './door-function.ts';

const text = (name: string) => ({ name, type: AttributeType.STRING });

/** Kept when the stack is deleted, and protected from being deleted by hand. */
export class RecoupTable extends Construct {
  readonly name: string;
  readonly #arn: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const table = new TableV2(this, 'Table', {
      partitionKey: text(TABLE.partitionKey),
      sortKey: text(TABLE.sortKey),
      timeToLiveAttribute: TABLE.ttl,
      billing: Billing.onDemand(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
      globalSecondaryIndexes: [
        {
          indexName: TABLE.due.name,
          partitionKey: text(TABLE.due.partitionKey),
          sortKey: text(TABLE.due.sortKey),
          projectionType: ProjectionType.KEYS_ONLY,
        },
        {
          indexName: TABLE.cases.name,
          partitionKey: text(TABLE.cases.partitionKey),
          sortKey: text(TABLE.cases.sortKey),
          projectionType: ProjectionType.INCLUDE,
          nonKeyAttributes: [TABLE.cases.include],
        },
      ],
    });
    this.name = table.tableName;
    this.#arn = table.tableArn;
  }

  /** Reading a customer and writing what is new: all that the doors which record facts do. */
  grantRecording(door: DoorFunction): void {
    door.grant('TABLE_NAME', this.name, [this.#allow(['dynamodb:GetItem', 'dynamodb:PutItem'])]);
  }

  /** What recording needs, and the due index, setting aside, and letting go of what was routed. */
  grantSweeping(door: DoorFunction): void {
    door.grant('TABLE_NAME', this.name, [
      this.#allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem']),
      this.#allow(['dynamodb:Query'], `/index/${TABLE.due.name}`),
    ]);
  }

  /** Reading cases, their index and what is due, keeping the sums of a month, changing one customer: never deleting. */
  grantFinance(door: DoorFunction): void {
    door.grant('TABLE_NAME', this.name, [
      this.#allow([
        'dynamodb:BatchGetItem',
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:Query',
        'dynamodb:UpdateItem',
      ]),
      this.#allow(['dynamodb:Query'], `/index/${TABLE.cases.name}`),
      this.#allow(['dynamodb:Query'], `/index/${TABLE.due.name}`),
    ]);
  }

  /** Reading cases, their index and their adjustments, and writing nothing. */
  grantReading(door: DoorFunction): void {
    door.grant('TABLE_NAME', this.name, [
      this.#allow(['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query']),
      this.#allow(['dynamodb:Query'], `/index/${TABLE.cases.name}`),
    ]);
  }

  /** Reading as above, and writing down how far the mails about the figures have gone: these items and no other. */
  grantTelling(door: DoorFunction): void {
    this.grantReading(door);
    door.grant('TABLE_NAME', this.name, [
      new PolicyStatement({
        actions: ['dynamodb:PutItem'],
        resources: [this.#arn],
        conditions: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [...FIGURES_PLACES] } },
      }),
    ]);
  }

  #allow(actions: string[], part = ''): PolicyStatement {
    return new PolicyStatement({ actions, resources: [`${this.#arn}${part}`] });
  }
}
