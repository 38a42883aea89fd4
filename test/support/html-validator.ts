// Holds HTML to the standard with html-validate: every rule it recommends, less those that each setting names.
import { HtmlValidate, StaticConfigLoader, type ConfigData, type RuleConfig } from 'html-validate';

/** Resolving the settings anew for each text would take longer than reading it. */
class KeptSettings extends StaticConfigLoader {
  #kept: ReturnType<StaticConfigLoader['getConfigFor']> | undefined;

  override getConfigFor(
    handle: string,
    override?: ConfigData,
  ): ReturnType<StaticConfigLoader['getConfigFor']> {
    this.#kept ??= super.getConfigFor(handle, override);
    return this.#kept;
  }
}

/** What mail programs need, although the standard would have it otherwise. */
export const MAIL_RULES: RuleConfig = {
  // As MJML writes it, and as the standard does.
  'doctype-style': ['error', { style: 'lowercase' }],
  // Outlook on Windows is Word: it reads these comments, lays out by tables, and knows neither max-width nor padding of a div.
  'no-conditional-comment': 'off',
  // It takes alignment, widths and grounds of cells from attributes only.
  'no-deprecated-attr': 'off',
  // Several mail programs drop the style in the head, so all that matters stands in the tags.
  'no-inline-style': 'off',
  // The mail programs that show a mail inside their own page drop an `article`, and keep a `div` with its role.
  'prefer-native-element': ['error', { exclude: ['article'] }],
  // Both mean the same; screen readers beside old mail programs know this one.
  'presentation-role-style': ['error', { prefer: 'presentation' }],
  // The title is the subject, which has a bar of its own.
  'long-title': 'off',
};

/** What the pages may do. */
export const PAGE_RULES: RuleConfig = {
  'doctype-style': ['error', { style: 'lowercase' }],
  // The title names the company, whose name is as long as it is.
  'long-title': 'off',
};

/** What the pages of the local server may do besides. */
export const LOCAL_PAGE_RULES: RuleConfig = {
  ...PAGE_RULES,
  // The formatter writes `<meta ... />` in templates, which the standard allows, and leaves gaps where nothing is said.
  'void-style': ['error', { style: 'selfclose' }],
  'no-trailing-whitespace': 'off',
  // Every button there sends its form, which is what a button does.
  'no-implicit-button-type': 'off',
  // A table that scrolls takes the keyboard's focus, so it needs a role and a name; it is no section of the page.
  'prefer-native-element': ['error', { exclude: ['region'] }],
  // Style and script come from the same server as the page.
  'require-sri': 'off',
};

/** What is wrong with an HTML text, one line a fault: the rule, where, and what. */
export const createValidator = (rules: RuleConfig): ((html: string) => string[]) => {
  const settings: ConfigData = { extends: ['html-validate:recommended', 'html-validate:document'], rules };
  const validator = new HtmlValidate(new KeptSettings(settings));
  return (html) =>
    validator
      .validateStringSync(html)
      .results.flatMap(({ messages }) =>
        messages.map(({ ruleId, line, column, message }) => `${ruleId} at ${line}:${column}: ${message}`),
      );
};

/**
 * The markup of a text without its words. Two texts with the same one differ in nothing that a validator looks at: tags,
 * attributes and character references are all in it, and every stray `<`, `>`, `"` or `&`.
 */
export const markupOf = (html: string): string =>
  html
    .replaceAll(/(\s(?:lang|href|aria-label))="[^"&<>]*"/g, '$1="x"')
    .replaceAll(/>[^<&>"]+/g, '>x')
    .replaceAll(/;[^<&>"]+/g, ';x');
