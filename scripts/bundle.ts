// Builds dist/: one folder a Lambda, from functions/lambda, by one call of esbuild, and the finance page. `npm run bundle`
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { COMPILED_LAYOUT, HTML_LAYOUT, loadTemplates } from '../adapters/email/templates.ts';
import { createComposer } from '../adapters/email/render.ts';
import { buildFinancePage, sizeOf, writeFinancePage } from './finance-page.ts';
import { compileLayout } from './compile-layout.ts';

const ROOT = join(import.meta.dirname, '..');

/** The Lambdas: each is functions/lambda/<name>.ts and becomes <folder>/<name>/index.js. */
export const BUNDLES = [
  'receive-webhook',
  'run-due-actions',
  'record-delivery',
  'reconcile',
  'look-ahead',
  'customer-page',
  'finance-api',
  'export',
  'digest',
] as const;

/** Which of them read the mail templates. */
const WITH_EMAILS = ['run-due-actions', 'finance-api'] as const;

/** The folder's README is for people who edit it, and of the layout only what it is compiled to is used. */
const isUsed = (file: string): boolean => !file.endsWith('.md') && !file.endsWith(HTML_LAYOUT);

/** Puts the emails into a bundle, the layout compiled. Throws when they do not fit together. */
const putEmailsInto = async (folder: string): Promise<void> => {
  const emails = join(ROOT, 'emails');
  await cp(emails, folder, { recursive: true, filter: isUsed });
  const layout = await compileLayout(await readFile(join(emails, HTML_LAYOUT), 'utf8'));
  await writeFile(join(folder, COMPILED_LAYOUT), layout);
  createComposer(loadTemplates(folder));
};

const buildInto = async (folder: string): Promise<Metafile> => {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: BUNDLES.map((name) => ({ in: `functions/lambda/${name}.ts`, out: `${name}/index` })),
    outdir: folder,
    bundle: true,
    minify: true,
    metafile: true,
    platform: 'node',
    target: 'node24',
    // As ESM, `import 'node:http'` alone costs some 40 ms at every cold start.
    format: 'cjs',
    // For platform node, esbuild takes `main` first, which of the SDK is the form that cannot be shaken.
    mainFields: ['module', 'main'],
    alias: { '@aws-sdk/credential-provider-node': './scripts/lambda-credentials.ts' },
    logLevel: 'warning',
  });
  return metafile;
};

/**
 * Empties `folder` and builds every bundle into it, with esbuild's metafile beside them as `meta.json`.
 * Answers with the bytes of each. Throws when one cannot be built, and leaves none behind that could be
 * deployed by mistake.
 */
export const bundleAll = async (folder: string): Promise<Readonly<Record<string, number>>> => {
  await rm(folder, { recursive: true, force: true });
  const metafile = await buildInto(folder);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'meta.json'), JSON.stringify(metafile));
  // Here a package.json says ES modules, and in Lambda there is none; what stands here is CommonJS.
  await writeFile(join(folder, 'package.json'), '{ "type": "commonjs" }\n');
  for (const name of WITH_EMAILS) {
    await putEmailsInto(join(folder, name, 'emails'));
  }
  const outputs = Object.entries(metafile.outputs).map(
    ([file, { bytes }]) => [resolve(ROOT, file), bytes] as const,
  );
  const bytes = new Map(outputs);
  return Object.fromEntries(BUNDLES.map((name) => [name, bytes.get(resolve(folder, name, 'index.js')) ?? 0]));
};

if (import.meta.main) {
  try {
    for (const [name, bytes] of Object.entries(await bundleAll(join(ROOT, 'dist')))) {
      process.stdout.write(`dist/${name}/index.js  ${Math.round(bytes / 1000)} KB\n`);
    }
    const page = await buildFinancePage();
    await writeFinancePage(page, join(ROOT, 'dist/finance-page'));
    process.stdout.write(`dist/finance-page  ${sizeOf(page)}\n`);
  } catch (error) {
    process.stderr.write(`the bundles were not built, so nothing can be deployed\n${String(error)}\n`);
    process.exitCode = 1;
  }
}
