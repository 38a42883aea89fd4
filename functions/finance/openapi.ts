// The OpenAPI document of the finance API, made of its table of routes and of the very schemas that requests are held to.
import { toJsonSchema, toJsonSchemaDefs } from '@valibot/to-json-schema';
import * as v from 'valibot';
import type { ProblemStatus } from './codes.ts';
import type { Route } from './route.ts';
import { COMPONENTS, PATH_PARTS } from './shapes.ts';

type Json = Readonly<Record<string, unknown>>;

const CONVERTED = { target: 'draft-2020-12', typeMode: 'output', errorMode: 'throw' } as const;

const schemaOf = (schema: v.GenericSchema): Json => {
  const { $schema: _, ...rest } = toJsonSchema(schema, CONVERTED) as Json;
  return rest;
};

const parameter = (place: 'query' | 'path', name: string, schema: v.GenericSchema): Json => {
  const { description, default: preset, ...rest } = schemaOf(schema);
  // A query is text: what it is when nothing is said, is told as what it becomes.
  const value = rest['type'] === 'integer' && typeof preset === 'string' ? Number(preset) : preset;
  return {
    name,
    in: place,
    required: !v.is(schema, undefined),
    ...(description !== undefined && { description }),
    schema: { ...rest, ...(value !== undefined && { default: value }) },
  };
};

const PROBLEMS: Readonly<Record<ProblemStatus, string>> = {
  400: 'The request is not as it should be: `fields` says where.',
  401: 'Nobody is signed in.',
  403: 'Who is signed in may not do this.',
  404: 'There is no such thing.',
  405: 'The address takes other methods.',
  409: 'Somebody else was first: look at the customer again.',
  413: 'The body is too large.',
  415: 'The body is not JSON.',
  422: 'Refused, with the reason; nothing was changed.',
  500: 'Something failed on our side.',
  503: 'Something outside did not answer: try again later.',
};

/** What every route may answer. */
const ALWAYS: readonly ProblemStatus[] = [401, 403, 500, 503];

const problemAnswer = (status: ProblemStatus): Json => ({
  description: PROBLEMS[status],
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

const contentOf = ({ answers }: Route): Json => {
  if (answers === null) return { 'application/json': { schema: { type: 'object' } } };
  return answers in COMPONENTS
    ? { 'application/json': { schema: { $ref: `#/components/schemas/${answers}` } } }
    : { [answers]: {} };
};

const operation = (route: Route): Json => ({
  operationId: route.id,
  summary: route.does,
  description: route.role === 'operator' ? 'For operators.' : 'For finance and operators.',
  parameters: [
    ...route.parts.map((name) => parameter('path', name, PATH_PARTS[name])),
    ...Object.entries(route.query).map(([name, schema]) =>
      parameter('query', name, schema as v.GenericSchema),
    ),
  ],
  ...(route.body && {
    requestBody: {
      required: true,
      content: { 'application/json': { schema: schemaOf(route.body), example: route.example } },
    },
  }),
  responses: {
    200: { description: route.does, content: contentOf(route) },
    ...Object.fromEntries(
      [...new Set([...route.problems, ...ALWAYS])].map((status) => [status, problemAnswer(status)]),
    ),
  },
});

/** The document of a table of routes. */
export const openApiOf = (routes: Readonly<Record<string, Route>>): Json => {
  const paths: Record<string, Record<string, Json>> = {};
  for (const [name, route] of Object.entries(routes)) {
    const [method = '', path = ''] = name.split(' ');
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: {
      title: 'Recoup: finance',
      version: '1',
      description:
        'The figures of `recoup report`, cases with why they are where they are, and what an operator may do. Money is in ' +
        'minor units and as an exact decimal; currencies are never added; times are UTC.',
    },
    paths,
    components: {
      schemas: toJsonSchemaDefs(COMPONENTS, {
        ...CONVERTED,
        overrideRef: ({ referenceId }) => `#/components/schemas/${referenceId}`,
      }),
      securitySchemes: {
        idToken: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'The ID token of the sign-in of the finance page.',
        },
      },
    },
    security: [{ idToken: [] }],
  };
};
