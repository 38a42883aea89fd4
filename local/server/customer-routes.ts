// The customer's page on the local server: the same door as in the cloud, with requests as API Gateway hands them over.
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { HttpEvent } from '../../functions/middleware.ts';
import type { LocalSystem } from './system.ts';

const MAX_BODY_BYTES = 64 * 1024;

const eventOf = async (context: Context, routeKey: string): Promise<HttpEvent> => {
  const body = Buffer.from(await context.req.arrayBuffer());
  return {
    version: '2.0',
    routeKey,
    rawPath: context.req.path,
    rawQueryString: '',
    headers: context.req.header(),
    pathParameters: context.req.param(),
    queryStringParameters: context.req.query(),
    requestContext: {} as HttpEvent['requestContext'],
    body: body.toString('base64'),
    isBase64Encoded: true,
  };
};

/**
 * The routes. They are not held to requests from here alone, as the other pages are: a page that sends no referrer names no
 * origin either, and whoever asks has to have a link.
 */
export const customerRoutes = ({ customerPage }: Pick<LocalSystem, 'customerPage'>): Hono => {
  const app = new Hono();
  const answer = (routeKey: string) => async (context: Context) => {
    const { statusCode, headers, body } = await customerPage(await eventOf(context, routeKey));
    return new Response(body ?? '', {
      status: statusCode ?? 500,
      headers: headers as Record<string, string>,
    });
  };
  const limit = bodyLimit({
    maxSize: MAX_BODY_BYTES,
    onError: (context) => context.text('The body is over 64 KiB.', 413),
  });
  app.get('/c/:token', answer('GET /c/{token}'));
  app.post('/c/:token/:act', limit, answer('POST /c/{token}/{act}'));
  app.get('/u/:token', answer('GET /u/{token}'));
  app.post('/u/:token', limit, answer('POST /u/{token}'));
  return app;
};
