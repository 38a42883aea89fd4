// Where the page is: the view, its parts and every filter, all in the hash, so that a view can be sent to a colleague. Pure.

/** A place on the page: `#/case/stripe/cus_1/case_1?from=2026-03`. A query has each name once, and no empty values. */
export type Place = {
  readonly view: string;
  readonly parts: readonly string[];
  readonly query: Query;
};

/** Filters and whatever else a view keeps of its state, by name. */
export type Query = Readonly<Record<string, string>>;

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** Nothing, and what a browser takes for a way up: a path of the API made of it would lead to somewhere else. */
const NO_PART = /^\.{0,2}$/;

/** The place that a hash names. `home` is the view of a hash that names none. */
export const placeIn = (hash: string, home: string): Place => {
  const text = hash.replace(/^#/, '');
  const cut = text.indexOf('?');
  const path = cut === -1 ? text : text.slice(0, cut);
  const [view = home, ...parts] = path
    .split('/')
    .map(decoded)
    .filter((part) => !NO_PART.test(part));
  const params = new URLSearchParams(cut === -1 ? '' : text.slice(cut + 1));
  return { view, parts, query: Object.fromEntries([...params].filter(([, value]) => value !== '')) };
};

/** The hash that names a place. What has no value is left out. */
export const hashOf = ({
  view,
  parts = [],
  query = {},
}: {
  readonly view: string;
  readonly parts?: readonly string[];
  readonly query?: Readonly<Record<string, string | undefined>>;
}): string => {
  const path = [view, ...parts].map(encodeURIComponent).join('/');
  const params = new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) => (value ? [[name, value] as [string, string]] : [])),
  );
  return params.size === 0 ? `#/${path}` : `#/${path}?${params.toString()}`;
};
