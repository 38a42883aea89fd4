// The embedded store: conditional writes alone, and through the webhook door.
import { createDynamoStore } from '../adapters/dynamodb/store.ts';
import { customerKey } from '../core/ids.ts';
import { newCustomer } from '../core/recovery/customer.ts';
import { instantFromSeconds } from '../core/time.ts';
import { EMBEDDED_TABLE, startEmbeddedDynamo } from '../local/embedded-dynamodb.ts';
import { createDoor } from '../test/support/door.ts';
import { DAY_0, story } from '../test/support/story.ts';
import { compare, perSecond } from './measure.ts';

const NOW = instantFromSeconds(DAY_0);

/** Writes a second, one after the other: the store alone, and events through the door (a read, a write). */
export const benchStore = async (): Promise<Record<string, number>> => {
  const embedded = await startEmbeddedDynamo();
  try {
    const store = createDynamoStore({ client: embedded.client, tableName: EMBEDDED_TABLE });
    const door = createDoor({ store });
    let n = 0;
    let version = 0;
    const ms = await compare(
      [
        {
          name: 'alone',
          run: async () => {
            version += 1;
            await store.save({ ...newCustomer(customerKey('stripe', 'cus_alone')), version, dueAt: NOW });
          },
        },
        {
          name: 'door',
          run: async () => {
            n += 1;
            const { status } = await door.post(story({ n }).failed(0, { told: false })[0]);
            if (status !== 200) throw new Error(`the door answered ${status}`);
          },
        },
      ],
      100,
      7,
    );
    return {
      conditionalWritesPerSecond: perSecond(ms.get('alone') ?? Number.NaN),
      eventsThroughDoorPerSecond: perSecond(ms.get('door') ?? Number.NaN),
    };
  } finally {
    await embedded.stop();
  }
};
