// The finance door about the system itself: who is signed in, what it is busy with, and the policy that it follows.
import { describe, expect, test } from 'vitest';
import { byToken, NOW, openFinance } from '../support/finance.ts';

describe('who is signed in', () => {
  test('is told with the role, what is looked at, and the clock of the server', async () => {
    const rig = openFinance({ connections: ['stripe', 'stripe-eu'] });
    expect((await rig.as(byToken('finance')).get('/me')).body).toEqual({
      who: 'ana@example.com',
      role: 'finance',
      connections: ['stripe', 'stripe-eu'],
      where: 'a test',
      now: NOW,
      version: '1.2.3',
    });
    expect((await rig.get('/me')).body).toMatchObject({ who: 'Finance/ana@example.com', role: 'operator' });
    expect(rig.operations).toEqual([]);
  });
});
