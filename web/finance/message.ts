// A message with its values put in. What depends on a count has one text a plural category: `invoices_one`, `invoices_other`. Pure.

/** The words of one file: names are snake_case, values hold `{name}` where a value goes. */
export type Catalogue = Readonly<Record<string, string>>;

export type Values = Readonly<Record<string, string | number>>;

type Category = Intl.LDMLPluralRule;
type Name<K> = K extends `${infer Base}_${Category}` ? Base : K;

/** Says a message of a catalogue; a name with texts by plural category takes its count as `n`. */
export type Say<C> = (name: Name<keyof C & string>, values?: Values) => string;

const rules = new Map<string, Intl.PluralRules>();

/** The plural category of a count: one of `Intl.PluralRules`. */
export const categoryOf = (language: string, count: number): Intl.LDMLPluralRule => {
  const rule = rules.get(language) ?? new Intl.PluralRules(language);
  rules.set(language, rule);
  return rule.select(count);
};

/** `{name}` by its value; numbers are written as the language does. */
const filled = (text: string, values: Values, language: string): string =>
  text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : typeof value === 'number' ? value.toLocaleString(language) : value;
  });

/**
 * The message of a name. With a value `n` that is a number and texts by plural category, the one for it, else
 * `_other`. null: there is no such message.
 */
export const messageOf = (
  catalogue: Catalogue,
  name: string,
  values: Values,
  language: string,
): string | null => {
  const { n } = values;
  const own = (key: string): string | undefined =>
    Object.hasOwn(catalogue, key) ? catalogue[key] : undefined;
  const text =
    (typeof n === 'number'
      ? (own(`${name}_${categoryOf(language, n)}`) ?? own(`${name}_other`))
      : undefined) ?? own(name);
  return text === undefined ? null : filled(text, values, language);
};
