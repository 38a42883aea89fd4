// The document of the finance API says what the door does: every route, every answer, every field, and nothing else.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { PROBLEM_CODES } from '../../functions/finance/codes.ts';
import { ROUTES } from '../../functions/finance-api.ts';
import { COMPONENTS } from '../../functions/finance/shapes.ts';
import { openFinance } from '../support/finance.ts';

type Json = Record<string, unknown>;
type Operation = {
  readonly operationId: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly schema: Json;
  }[];
  readonly requestBody?: {
    readonly content: { readonly 'application/json': { readonly schema: Json; readonly example: unknown } };
  };
  readonly responses: Readonly<Record<string, { readonly content: Json }>>;
};
type Document = {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>> };
};

const document = async () => (await openFinance().get('/openapi.json')).body as unknown as Document;

const operations = async () =>
  Object.entries((await document()).paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      operation,
    })),
  );

/** Every value of a key anywhere in a document. */
const valuesOf = (within: unknown, key: string): unknown[] =>
  typeof within !== 'object' || within === null
    ? []
    : Object.entries(within).flatMap(([name, value]) => [
        ...(name === key ? [value] : []),
        ...valuesOf(value, key),
      ]);

describe('the document', () => {
  test('is OpenAPI 3.1 and names every route of the table, each by an id of its own', async () => {
    const all = await operations();
    expect((await document()).openapi).toBe('3.1.0');
    expect(all.map(({ name }) => name).toSorted()).toEqual(Object.keys(ROUTES).toSorted());
    expect(new Set(all.map(({ operation }) => operation.operationId)).size).toBe(all.length);
  });

  test('leads nowhere that is not there, and leaves no shape unused', async () => {
    const told = await document();
    const names = Object.keys(COMPONENTS);
    const led = new Set(valuesOf(told, '$ref').map(String));
    expect(Object.keys(told.components.schemas).toSorted()).toEqual(names.toSorted());
    expect([...led].toSorted()).toEqual(names.map((name) => `#/components/schemas/${name}`).toSorted());
  });

  const ASKED: Readonly<Record<string, readonly string[]>> = { 'GET /invoices': ['total'] };

  test('has each part of a path as a parameter that is needed, and of a query what has no default', async () => {
    for (const { name, operation } of await operations()) {
      const parts = [...name.matchAll(/\{(\w+)\}/g)].map(([, part]) => part);
      const needed = (place: string) =>
        operation.parameters.filter((one) => one.required && one.in === place).map((one) => one.name);
      expect([name, needed('path')]).toEqual([name, parts]);
      expect([name, needed('query')]).toEqual([name, ASKED[name] ?? []]);
    }
  });

  test('says what each filter takes, with the default of what is not said', async () => {
    const all = await operations();
    const cases = all.find(({ name }) => name === 'GET /cases')?.operation.parameters ?? [];
    const schemaOf = (wanted: string) => cases.find(({ name }) => name === wanted)?.schema;
    expect(schemaOf('limit')).toEqual({ type: 'integer', minimum: 1, maximum: 100, default: 25 });
    expect(schemaOf('outcome')).toMatchObject({ enum: ['open', 'recovered', 'withdrawn', 'lost'] });
    expect(schemaOf('currency')).toMatchObject({ type: 'string', pattern: '^[A-Z]{3}$' });
  });

  test('says what each action takes: a note always, and nothing that is not named', async () => {
    const bodies = (await operations()).map(({ name, operation }) => ({
      name,
      schema: operation.requestBody?.content['application/json'].schema,
    }));
    const given = bodies.filter(({ schema }) => schema !== undefined);
    expect(given.map(({ name }) => name)).toEqual(
      bodies.map(({ name }) => name).filter((name) => name.startsWith('POST')),
    );
    for (const { schema } of given) {
      expect(schema).toMatchObject({
        required: expect.arrayContaining(['note']),
        additionalProperties: false,
      });
    }
  });

  test('has an example of every body, which the door takes for one', async () => {
    for (const { name, operation } of await operations()) {
      const { body } = ROUTES[name] ?? {};
      const content = operation.requestBody?.content['application/json'];
      const fits = body ? v.is(body, content?.example) : content === undefined;
      expect([name, fits]).toEqual([name, true]);
    }
  });

  test('promises a problem in one shape for everything that can go wrong', async () => {
    for (const { operation } of await operations()) {
      const problems = Object.entries(operation.responses).filter(([status]) => status !== '200');
      expect(problems.map(([status]) => status)).toEqual(
        expect.arrayContaining(['400', '401', '403', '500', '503']),
      );
      for (const [, { content }] of problems)
        expect(Object.keys(content)).toEqual(['application/problem+json']);
    }
  });

  test('is made of data alone: it is the same each time', async () => {
    expect(await document()).toEqual(await document());
  });
});

test('the text about the API names every code of a problem', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/finance-api.md'), 'utf8');
  for (const code of PROBLEM_CODES) expect(text).toContain(`\`${code}\``);
});
