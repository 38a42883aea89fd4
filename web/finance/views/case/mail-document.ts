// A mail's HTML put into a document of the page, where no inline style is let in: its styles are set by script, and nothing in it acts.
import { setAside } from './mail-html.ts';

/** What would act, load or lead somewhere. A mail of ours has none of it but links. */
const DROPPED = new Set([
  'applet',
  'audio',
  'base',
  'button',
  'embed',
  'form',
  'frame',
  'frameset',
  'iframe',
  'input',
  'link',
  'math',
  'meta',
  'noscript',
  'object',
  'script',
  'select',
  'style',
  'svg',
  'template',
  'textarea',
  'title',
  'video',
]);

/** Attributes that say how something looks or reads. All others, such as links, sources and events, are left out. */
const KEPT = new Set([
  'align',
  'alt',
  'aria-label',
  'aria-roledescription',
  'bgcolor',
  'border',
  'cellpadding',
  'cellspacing',
  'class',
  'colspan',
  'dir',
  'height',
  'id',
  'lang',
  'role',
  'rowspan',
  'scope',
  'title',
  'valign',
  'width',
]);

/** A link that leads nowhere looks like one all the same. Anything that the mail says of it is stronger. */
const AS_LINKS = ':where(a) { color: LinkText; text-decoration: underline; cursor: default; }';

/** Styles without what would load something: a declaration that makes no sense is passed over. */
const loadless = (css: string): string =>
  css.replaceAll(/@import[^;]*;?/gi, '').replaceAll(/(?:url|image-set)\(/gi, 'nothing(');

const attributesTo = (copy: HTMLElement, source: Element): void => {
  for (const { name, value } of source.attributes) if (KEPT.has(name)) copy.setAttribute(name, value);
  if (source.localName === 'img' && source.getAttribute('src')?.startsWith('data:image/')) {
    copy.setAttribute('src', source.getAttribute('src') ?? '');
  }
  const style = source.getAttribute('data-style');
  // The style attribute itself is not let in; what it says is, by the CSSOM.
  if (style !== null) copy.style.cssText = loadless(style);
};

const contentTo = (target: Node, source: Node, into: Document): void => {
  for (const node of source.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) target.appendChild(into.createTextNode(node.nodeValue ?? ''));
    if (!(node instanceof Element) || DROPPED.has(node.localName)) continue;
    const copy = into.createElement(node.localName);
    attributesTo(copy, node);
    contentTo(copy, node, into);
    target.appendChild(copy);
  }
};

const sheetOf = (view: Window & typeof globalThis, text: string, media: string): CSSStyleSheet => {
  const sheet = new view.CSSStyleSheet(media === '' ? {} : { media });
  sheet.replaceSync(loadless(text));
  return sheet;
};

/**
 * Shows `html` in the document of a frame of this page. What stands there is built anew of elements and attributes that only say
 * how something looks: no script, no link, nothing that loads.
 */
export const putMail = (frame: HTMLIFrameElement, html: string): void => {
  const [into, view] = [frame.contentDocument, frame.contentWindow as (Window & typeof globalThis) | null];
  if (into === null || view === null) return;
  const mail = new DOMParser().parseFromString(setAside(html), 'text/html');
  const styles = [...mail.querySelectorAll<HTMLScriptElement>('script[type="text/css"]')];
  into.adoptedStyleSheets = [
    sheetOf(view, AS_LINKS, ''),
    ...styles.map((style) => sheetOf(view, style.textContent, style.getAttribute('media') ?? '')),
  ];
  into.documentElement.lang = mail.documentElement.lang;
  into.documentElement.dir = mail.documentElement.dir;
  into.body.replaceChildren();
  attributesTo(into.body, mail.body);
  contentTo(into.body, mail.body, into);
};
