// Puts a system on a port of the loopback interface, and takes it off again.
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { createApp } from './app.ts';
import { openFolder } from './folder.ts';
import type { LocalSystem } from './system.ts';

/** A server that listens. */
export type Served = { readonly port: number; readonly close: () => Promise<void> };

/** How long requests under way may take once the server is asked to stop. */
const LAST_REQUESTS_MS = 2000;

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), LAST_REQUESTS_MS);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });

/**
 * Serves a system on 127.0.0.1 and leaves in its folder how commands get at its store. Port 0 takes any that is free.
 * Rejects when the port is taken.
 */
export const serveSystem = (
  system: LocalSystem,
  port: number,
  onError: (error: unknown) => void,
): Promise<Served> => {
  const token = randomBytes(32).toString('hex');
  const folder = openFolder(system.folderPath);
  const server = createAdaptorServer({ fetch: createApp(system, onError, token).fetch }) as Server;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      const taken = (server.address() as AddressInfo).port;
      folder.writeStoreDoor({ port: taken, token });
      system.servedAt(`http://localhost:${taken}`);
      resolve({
        port: taken,
        close: () => {
          folder.removeStoreDoor();
          return close(server);
        },
      });
    });
  });
};
