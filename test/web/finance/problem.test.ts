// What went wrong, read from what was answered: by the API's code, by the status alone, and from any text at all.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { problemIn, wordsOf } from '../../../web/finance/problem.ts';

const told = (body: unknown, status = 400) => problemIn(status, JSON.stringify(body));

test('a problem of the API is known by its code, and each field by that of its rule', () => {
  const fields = [{ field: 'currency', code: 'currency', why: 'write a code of three letters' }];
  expect(told({ status: 400, code: 'invalid', detail: 'why', fields: [...fields, 3, null] })).toEqual({
    kind: 'told',
    status: 400,
    code: 'invalid',
    detail: 'why',
    fields,
  });
});

test.each([
  [500, 'failed', 'broken'],
  [502, 'unavailable', 'broken'],
  [503, 'unavailable', 'broken'],
  [504, 'unavailable', 'broken'],
  [429, null, 'throttled'],
  [403, null, 'forbidden'],
  [404, null, 'missing'],
  [409, null, 'raced'],
  [400, null, 'refused'],
  [422, null, 'refused'],
])('what has no code is told by its status: %i', (status, code, words) => {
  const problem = told({ message: 'Service Unavailable' }, status);
  expect(problem).toMatchObject({ kind: 'told', code, detail: '', fields: [] });
  expect(wordsOf(problem)).toBe(words);
  expect(problemIn(status, '<html>')).toEqual(problem);
});

test('whoever is not signed in any more is told so, whatever the answer says', () => {
  expect(told({ code: 'invalid' }, 401)).toEqual({ kind: 'signed_out' });
});

test('any answer at all is a problem, and nothing in it is taken for what it is not', () => {
  const anything = fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .record({ code: fc.anything(), detail: fc.anything(), fields: fc.array(fc.anything()) })
      .map((body) => JSON.stringify(body) ?? ''),
  );
  fc.assert(
    fc.property(anything, (body) => {
      const problem = problemIn(422, body);
      expect(problem).toMatchObject({ kind: 'told', status: 422 });
      if (problem.kind !== 'told') return;
      expect([typeof problem.code === 'string' || problem.code === null, typeof problem.detail]).toEqual([
        true,
        'string',
      ]);
      for (const one of problem.fields)
        expect(Object.values(one).every((v) => typeof v === 'string')).toBe(true);
    }),
  );
});
