// The folder `emails/` on this machine: its layout is compiled when it is needed, and kept outside of git.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HTML_LAYOUT, loadTemplates, TemplateError, type Templates } from '../adapters/email/templates.ts';

const ROOT = join(import.meta.dirname, '..');
const COMPILER = join(ROOT, 'scripts/compile-layout.ts');
const MJML = join(ROOT, 'node_modules/mjml/package.json');
const KEPT = join(ROOT, 'node_modules/.cache/recoup-emails');

/** The templates that come with the project. */
export const EMAILS = join(ROOT, 'emails');

const textOf = (file: string): string | null => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
};

/** In a process of its own, so that who needs mails need not wait, and only a changed layout costs MJML's start. */
const compile = (source: string): string => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [COMPILER], {
    input: source,
    encoding: 'utf8',
  });
  if (status === 0) return stdout;
  throw new TemplateError(`${HTML_LAYOUT} cannot be compiled: ${stderr.trim() || 'MJML did not start'}`);
};

/** Keeps what was compiled. Where nothing can be written it is compiled again the next time. */
const keep = (file: string, html: string): void => {
  const own = `${file}.${process.pid}`;
  try {
    mkdirSync(KEPT, { recursive: true });
    writeFileSync(own, html);
    // At once, so that nobody ever reads half of it.
    renameSync(own, file);
  } catch {}
};

/** The compiled layout of a folder; the same source under the same compiler is compiled once on this machine. */
const layoutIn = (dir: string): string => {
  const source = textOf(join(dir, HTML_LAYOUT));
  if (source === null) throw new TemplateError(`${HTML_LAYOUT} cannot be read in ${dir}`);
  const hash = createHash('sha256');
  for (const part of [textOf(MJML), textOf(COMPILER), source]) hash.update(`${part?.length}\n${part}`);
  const file = join(KEPT, `${hash.digest('hex')}.html.liquid`);
  const kept = textOf(file);
  if (kept !== null) return kept;
  const html = compile(source);
  keep(file, html);
  return html;
};

/** Reads a folder of emails as people edit it. Throws a {@link TemplateError} for what does not fit. */
export const loadEmails = (dir: string = EMAILS): Templates => loadTemplates(dir, layoutIn(dir));
