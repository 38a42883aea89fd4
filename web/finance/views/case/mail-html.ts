// A mail's HTML before it is read: styles and events under other names, for a browser holds even what is only read to the policy. Pure.

const TAG = /<\/?[a-z](?:"[^"]*"|'[^']*'|[^'">])*>/gi;
const QUOTED_OR_NAME = /("[^"]*"|'[^']*')|(\s)(style|on[a-z]+)(?=[\s=])/gi;

/**
 * The same HTML with `data-` before styles and events, style sheets as blocks of data, and no base address. What this misses is not let in either:
 * it is only reported.
 */
export const setAside = (html: string): string =>
  html.replaceAll(TAG, (tag) =>
    tag
      .replace(/^<base(?=[\s>]).*/is, '')
      .replace(/^<(\/?)style(?=[\s>])/i, (_, end: string) =>
        end === '' ? '<script type="text/css"' : '</script',
      )
      .replaceAll(QUOTED_OR_NAME, (whole, quoted: string | undefined, space: string, name: string) =>
        quoted === undefined ? `${space}data-${name.toLowerCase()}` : whole,
      ),
  );
