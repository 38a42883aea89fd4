// A small reader of our own HTML, for tests: its tags, and whether they are all closed in order.

/** A start or end tag with its attributes as written. */
export type Tag = { readonly name: string; readonly close: boolean; readonly attributes: readonly string[] };

const VOID = new Set(['meta', 'br', 'hr', 'img', 'link']);
const ATTRIBUTE = /\s+([a-zA-Z:-]+)="([^"<>]*)"/y;

const attributesOf = (text: string): string[] => {
  const found: string[] = [];
  ATTRIBUTE.lastIndex = 0;
  let end = 0;
  for (let match = ATTRIBUTE.exec(text); match; match = ATTRIBUTE.exec(text)) {
    found.push(`${match[1]}=${match[2]}`);
    end = ATTRIBUTE.lastIndex;
  }
  if (text.slice(end).trim() !== '') throw new Error(`not attributes: ${text.slice(end)}`);
  return found;
};

/** All tags in order. Throws for a `<` or `>` that belongs to none. */
export const tagsOf = (html: string): Tag[] => {
  const bare = html
    .replace(/^<!doctype html>/, '')
    .replaceAll(/<!--.*?-->/gs, '')
    .replaceAll(/(<style[^>]*>).*?(<\/style>)/gs, '$1$2');
  const tags: Tag[] = [];
  const text = bare.replaceAll(
    /<(\/?)([a-z][a-z0-9]*)((?:"[^"]*"|[^">])*)>/g,
    (_, slash: string, name, rest) => {
      tags.push({ name, close: slash === '/', attributes: attributesOf(rest) });
      return '';
    },
  );
  const stray = /.{0,20}[<>].{0,20}/s.exec(text);
  if (stray) throw new Error(`markup that is no tag: ${stray[0]}`);
  return tags;
};

/** What is wrong with the nesting of an HTML text, or null. */
export const unbalanced = (html: string): string | null => {
  const open: string[] = [];
  for (const { name, close } of tagsOf(html)) {
    if (VOID.has(name)) continue;
    if (!close) open.push(name);
    else if (open.pop() !== name) return `</${name}> closes nothing`;
  }
  return open.length > 0 ? `<${open.join('> <')}> never closed` : null;
};

/** The words of an HTML text as a reader sees them. */
export const wordsOf = (html: string): string =>
  html
    .replaceAll(/<head>.*?<\/head>/gs, '')
    .replaceAll(/<!--.*?-->/gs, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replaceAll('&#39;', "'")
    .replaceAll('&#34;', '"')
    .replaceAll(/\s+/g, ' ')
    .trim();
