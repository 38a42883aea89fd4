// Builds the finance page in memory: for the local server, and for dist/finance-page. `npm run page` tells its size.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { build, type Rollup } from 'vite';

const ROOT = join(import.meta.dirname, '..');
const CONFIG = join(ROOT, 'web/finance/vite.config.ts');

/** The files of the page by their path, and which of them a first look at the overview in English fetches. */
export type FinancePage = {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly first: readonly string[];
};

/** A chunk with all that it imports at once, and their style sheets. */
const withImports = (name: string, chunks: ReadonlyMap<string, Rollup.OutputChunk>): string[] => {
  const found = new Set<string>();
  const walk = (file: string): void => {
    if (found.has(file)) return;
    found.add(file);
    for (const next of chunks.get(file)?.imports ?? []) walk(next);
  };
  walk(name);
  return [...found];
};

const FIRST = ['main.tsx', 'index.html', 'views/overview/index.tsx', 'words/en/overview.json'];

const firstOf = (output: Rollup.RolldownOutput['output']): string[] => {
  const chunks = new Map(output.flatMap((one) => (one.type === 'chunk' ? [[one.fileName, one]] : [])));
  const begun = [...chunks.values()].filter(
    ({ facadeModuleId, name }) =>
      name === 'words-en' || FIRST.some((end) => facadeModuleId?.endsWith(`web/finance/${end}`)),
  );
  const scripts = begun.flatMap(({ fileName }) => withImports(fileName, chunks));
  const styles = output.flatMap(({ fileName }) => (fileName.endsWith('.css') ? [fileName] : []));
  return [...new Set(['index.html', ...scripts, ...styles])];
};

/** Builds it. Rejects with what Vite says when it cannot. */
export const buildFinancePage = async (): Promise<FinancePage> => {
  const built = await build({ configFile: CONFIG, logLevel: 'silent', build: { write: false } });
  const [{ output }] = [built].flat() as [Rollup.RolldownOutput];
  const bytes = (one: (typeof output)[number]): Uint8Array =>
    one.type === 'chunk' ? Buffer.from(one.code) : Buffer.from(one.source);
  return {
    files: new Map(output.map((one) => [one.fileName, bytes(one)])),
    first: firstOf(output),
  };
};

/** What a first look fetches, in bytes as brotli packs them. */
export const firstBytes = ({ files, first }: FinancePage): number =>
  first.reduce((sum, name) => sum + brotliCompressSync(files.get(name) ?? new Uint8Array()).length, 0);

/** Writes it into a folder, which is emptied. */
export const writeFinancePage = async ({ files }: FinancePage, folder: string): Promise<void> => {
  await rm(folder, { recursive: true, force: true });
  for (const [name, bytes] of files) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  }
};

/** A line for people: how much it is. */
export const sizeOf = (page: FinancePage): string =>
  `${page.files.size} files; a first look fetches ${Math.round(firstBytes(page) / 1000)} KB, compressed`;

if (import.meta.main) {
  const folder = join(ROOT, 'dist/finance-page');
  const page = await buildFinancePage();
  await writeFinancePage(page, folder);
  process.stdout.write(`dist/finance-page  ${sizeOf(page)}\n`);
}
