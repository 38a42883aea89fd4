// The finance API on the local server, under /api: the same door as in the cloud. Whoever is on this machine is signed in.
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { ROUTES } from '../../functions/finance-api.ts';
import { problem } from '../../functions/finance/problem.ts';
import type { HttpEvent, HttpResult } from '../../functions/middleware.ts';
import type { LocalSystem } from './system.ts';

const MAX_BODY_BYTES = 64 * 1024;

/** Where it stands: the door itself knows nothing of it. */
export const FINANCE_PATH = '/api';

const eventOf = async (context: Context, routeKey: string): Promise<HttpEvent> => {
  const body = Buffer.from(await context.req.arrayBuffer());
  const query = context.req.query();
  return {
    version: '2.0',
    routeKey,
    rawPath: context.req.path.slice(FINANCE_PATH.length),
    rawQueryString: '',
    headers: context.req.header(),
    pathParameters: context.req.param(),
    ...(Object.keys(query).length > 0 && { queryStringParameters: query }),
    requestContext: {} as HttpEvent['requestContext'],
    body: body.toString('base64'),
    isBase64Encoded: true,
  };
};

const responseOf = ({ statusCode, headers, body = '', isBase64Encoded }: HttpResult): Response =>
  new Response(isBase64Encoded ? Buffer.from(body, 'base64') : body, {
    status: statusCode ?? 500,
    headers: headers as Record<string, string>,
  });

/** The routes of the door, and its own answer for every other address. */
export const financeRoutes = ({ financeApi }: Pick<LocalSystem, 'financeApi'>): Hono => {
  const app = new Hono();
  app.use(
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: () =>
        responseOf(problem('body_too_large', 'the body is larger than 64 KiB: shorten the note')),
    }),
  );
  const answer = (routeKey: string) => async (context: Context) =>
    responseOf(await financeApi(await eventOf(context, routeKey)));
  for (const routeKey of Object.keys(ROUTES)) {
    const [method = '', path = ''] = routeKey.split(' ');
    app.on(method, path.replaceAll(/\{(\w+)\}/g, ':$1'), answer(routeKey));
  }
  app.all('*', answer('$default'));
  return app;
};
