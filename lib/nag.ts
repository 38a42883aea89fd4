// What cdk-nag asks for and we do otherwise: each time with the reason, at the one construct it is about.
import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Acknowledges one finding of the pack AwsSolutions on one construct. */
export const acknowledge = (construct: IConstruct, id: string, reason: string): void => {
  Validations.of(construct).acknowledge({ id, reason });
};
