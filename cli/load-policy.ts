// Loads a policy file: TypeScript or JavaScript with a default export, or JSON.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { definePolicy, PolicyError, type Policy } from '../core/recovery/policy.ts';
import { UserError } from './user-error.ts';

const readModule = async (path: string): Promise<unknown> => {
  const loaded = (await import(pathToFileURL(path).href)) as { default?: unknown };
  if (loaded.default === undefined) throw new UserError(`${path}: the policy must be the default export`);
  return loaded.default;
};

const read = async (path: string): Promise<unknown> => {
  try {
    return path.endsWith('.json') ? JSON.parse(await readFile(path, 'utf8')) : await readModule(path);
  } catch (error) {
    if (error instanceof UserError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    const missing = code === 'ENOENT' || code === 'ERR_MODULE_NOT_FOUND';
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new UserError(
      missing ? `${path}: no such policy file (${why})` : `${path}: cannot be read as a policy: ${why}`,
    );
  }
};

/** The checked policy of a file; without a file the project's own `policy.ts`. Throws {@link UserError} with every fault. */
export const loadPolicy = async (file: string | undefined): Promise<Policy> => {
  const path = file === undefined ? new URL('../policy.ts', import.meta.url).pathname : resolve(file);
  const input = await read(path);
  try {
    return definePolicy(input);
  } catch (error) {
    if (error instanceof PolicyError) throw new UserError(`${path}: ${error.message}`);
    throw error;
  }
};
