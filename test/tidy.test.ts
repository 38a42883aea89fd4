// Holds the house to its rules: who may import whom, and how a file opens.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, dirname } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
const ROOMS = ['core', 'adapters', 'functions', 'lib', 'web', 'local', 'cli', 'test'];

const PURE_PACKAGES = ['temporal-polyfill', 'valibot'];

type Rule = {
  /** Which of the project's own files it may import. */
  readonly own: (target: string, typeOnly: boolean) => boolean;
  /** Which packages; undefined = any. */
  readonly packages?: readonly string[];
};

const within =
  (...rooms: string[]) =>
  (target: string) =>
    rooms.some((room) => target === room || target.startsWith(`${room}/`));

const RULES: Readonly<Record<string, Rule>> = {
  core: { own: within('core'), packages: PURE_PACKAGES },
  adapters: { own: within('core', 'adapters') },
  // The version of Recoup stands in package.json alone.
  functions: { own: within('core', 'adapters', 'functions', 'web', 'policy.ts', 'package.json') },
  lib: {
    own: (target, typeOnly) =>
      within(
        'lib',
        'policy.ts',
        'core/recovery/policy.ts',
        'adapters/dynamodb/table-shape.ts',
        'web/finance/content-security-policy.ts',
      )(target) ||
      (typeOnly && within('functions')(target)),
  },
  web: { own: within('core', 'web') },
  // It knows the API by the shapes that it answers with, and by nothing that runs.
  'web/finance': {
    own: (target, typeOnly) =>
      within('core', 'web')(target) || (typeOnly && target === 'functions/finance/shapes.ts'),
    packages: ['preact', 'd3-scale', 'd3-shape', 'oauth4webapi', 'valibot', 'vite'],
  },
  'policy.ts': { own: within('core/recovery/policy.ts'), packages: [] },
  local: { own: (target) => !within('lib')(target) },
  // The settings of the stages are data for operators, as policy.ts is.
  cli: { own: (target) => !within('lib')(target) || target === 'lib/config.ts' },
  test: { own: (target) => !within('lib')(target) },
  'test/lib': { own: () => true },
};

const sources = (dir: string): string[] =>
  readdirSync(join(ROOT, dir), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(ts|tsx|mjs)$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));

const present = readdirSync(ROOT);
const FILES = [...ROOMS.filter((room) => present.includes(room)).flatMap(sources), 'policy.ts'];

type Import = { readonly from: string; readonly typeOnly: boolean };

/** Static and dynamic imports, and re-exports. */
const importsOf = (file: string): Import[] => {
  const code = readFileSync(join(ROOT, file), 'utf8');
  const found = [
    ...code.matchAll(/^\s*(?:import|export)\s+(type\s+)?(?:[^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]/gm),
  ].map((match) => ({ from: match[2] ?? '', typeOnly: match[1] !== undefined }));
  const dynamic = [...code.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g)].map((match) => ({
    from: match[1] ?? '',
    typeOnly: false,
  }));
  return [...found, ...dynamic];
};

const roomOf = (file: string): string =>
  Object.keys(RULES)
    .filter((room) => file === room || file.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0] ?? '';

const packageOf = (from: string): string =>
  from
    .split('/')
    .slice(0, from.startsWith('@') ? 2 : 1)
    .join('/');

const breaches = (file: string): string[] => {
  const rule = RULES[roomOf(file)];
  if (!rule) return [`${file} is in no room`];
  return importsOf(file).flatMap(({ from, typeOnly }) => {
    if (from.startsWith('.')) {
      const target = relative(ROOT, resolve(ROOT, dirname(file), from));
      return rule.own(target, typeOnly) ? [] : [`${file} imports ${target}`];
    }
    if (rule.packages === undefined || rule.packages.includes(packageOf(from))) return [];
    return [`${file} imports the package ${from}`];
  });
};

describe('the house', () => {
  test('no arrow points out of core, and no room imports what its row of the table does not allow', () => {
    expect(FILES.flatMap(breaches)).toEqual([]);
  });

  test('middy stands in functions and nowhere else', () => {
    const users = FILES.filter((file) => importsOf(file).some(({ from }) => from.startsWith('@middy/')));
    expect(users.filter((file) => !file.startsWith('functions/'))).toEqual([]);
  });

  test('core reads no clock, no chance and no environment', () => {
    const reads = /\bDate\.now\(|new Date\(\)|Math\.random\(|\bprocess\.|performance\.now\(/;
    const guilty = FILES.filter(
      (file) => file.startsWith('core/') && reads.test(readFileSync(join(ROOT, file), 'utf8')),
    );
    expect(guilty).toEqual([]);
  });

  test('every file opens with a line on what it is', () => {
    const silent = FILES.filter((file) => !/^(#!.*\n)?\/\/ \S/.test(readFileSync(join(ROOT, file), 'utf8')));
    expect(silent).toEqual([]);
  });

  test('no folder is a bag of everything', () => {
    const bags = FILES.filter((file) => /(^|\/)(utils?|helpers?|common|misc)(\/|\.tsx?$)/.test(file));
    expect(bags).toEqual([]);
  });
});
