// Liquid, held to what a mail needs: a few tags, a few filters, hard limits, and no unknown variable.
import { Liquid } from 'liquidjs';
import type { Template } from 'liquidjs';
import { TemplateError } from './templates.ts';

const TAGS = new Set(['if', 'unless', 'case', 'for', 'assign', 'comment', '#']);
const FILTERS = new Set(['default', 'upcase', 'downcase', 'capitalize', 'size']);

// Far above what a mail needs, far below what would be felt.
const LIMITS = { parseLimit: 100_000, renderLimit: 2000, memoryLimit: 1_000_000 };

/** A template that is parsed and whose variables are known to exist. */
export type Compiled = (scope: Readonly<Record<string, unknown>>) => string;

/**
 * Parses a template; `where` names it in errors, `variables` are all it may use. Throws a {@link
 * TemplateError} here for what can be seen beforehand, and when rendering for a variable without value.
 */
export type Compile = (source: string, where: string, variables: readonly string[]) => Compiled;

const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/, (file:.*, )?line:\d+, col:\d+/, '');

const harden = (engine: Liquid): void => {
  for (const name of Object.keys(engine.tags)) if (!TAGS.has(name)) delete engine.tags[name];
  for (const name of Object.keys(engine.filters)) if (!FILTERS.has(name)) delete engine.filters[name];
};

/**
 * A compiler of templates. With `escape: 'html'` all that is output is escaped, and nothing can
 * switch that off.
 */
export const createCompiler = ({ escape }: { escape: 'html' | 'none' }): Compile => {
  const engine = new Liquid({
    strictVariables: true,
    strictFilters: true,
    lenientIf: true,
    ownPropertyOnly: true,
    // No template is ever looked up: there are no files and no partials.
    templates: {},
    ...(escape === 'html' ? { outputEscape: 'escape' as const } : {}),
    ...LIMITS,
  });
  harden(engine);

  return (source, where, variables) => {
    let template: Template[];
    let used: string[];
    try {
      template = engine.parse(source);
      used = engine.globalVariablesSync(template);
    } catch (cause) {
      throw new TemplateError(`${where}: ${messageOf(cause)}`, { cause });
    }
    const unknown = used.find((name) => !variables.includes(name));
    if (unknown !== undefined) {
      const known = variables.join(', ') || 'none';
      throw new TemplateError(
        `${where}: unknown variable "${unknown}"; those that may be used here: ${known}`,
      );
    }
    return (scope) => {
      try {
        return String(engine.renderSync(template, scope));
      } catch (cause) {
        throw new TemplateError(`${where}: ${messageOf(cause)}`, { cause });
      }
    };
  };
};
