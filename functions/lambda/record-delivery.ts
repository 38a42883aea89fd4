// The Lambda that hears from SES, through EventBridge, what became of each mail.
import { observe } from '../middleware.ts';
import { makeRecordDelivery } from '../record-delivery.ts';
import { backOff, environment, now, openStore } from './root.ts';

const { TABLE_NAME, STAGE } = environment('TABLE_NAME', 'STAGE');
const observed = observe('record-delivery', STAGE);

export const handler = observed.lambda(
  makeRecordDelivery({ store: openStore(TABLE_NAME), telemetry: observed.telemetry, backOff, now }),
);
