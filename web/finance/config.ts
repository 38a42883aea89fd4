// Where the page finds its API and who signs people in: `config.json` beside it, made where the page is put. Pure but for reading it.

/** An OIDC provider. `endSession`: where a person is signed out; null = only here. */
export type SignIn = {
  readonly issuer: string;
  readonly clientId: string;
  readonly scope: string;
  readonly endSession: string | null;
};

/** What the local server is busy with while there is nothing to show yet: its clock goes through so much time. */
export type Busy = { readonly what: string; readonly from: string; readonly to: string };

/** Only on the local server: what its clock shows, what is read, and its own pages by name. */
export type Local = {
  readonly now: string;
  readonly busy: Busy | null;
  readonly data: string;
  readonly links: Readonly<Record<string, string>>;
};

export type Config = { readonly api: string; readonly signIn: SignIn | null; readonly local: Local | null };

/** Told to whoever put the page there. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const textIn = (fields: Fields, name: string, of: string): string => {
  const value = fields[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new ConfigError(`config.json: ${of}${name} is missing or no text`);
};

const signInOf = (value: unknown): SignIn | null => {
  if (value === null || value === undefined) return null;
  if (!isFields(value)) throw new ConfigError('config.json: signIn is neither null nor an object');
  const of = 'signIn.';
  return {
    issuer: textIn(value, 'issuer', of),
    clientId: textIn(value, 'clientId', of),
    scope: textIn(value, 'scope', of),
    endSession: value['endSession'] == null ? null : textIn(value, 'endSession', of),
  };
};

const busyOf = (value: unknown): Busy | null => {
  if (!isFields(value)) return null;
  const of = 'local.busy.';
  return {
    what: textIn(value, 'what', of),
    from: textIn(value, 'from', of),
    to: textIn(value, 'to', of),
  };
};

const localOf = (value: unknown): Local | null => {
  if (!isFields(value)) return null;
  const links = isFields(value['links']) ? value['links'] : {};
  return {
    now: textIn(value, 'now', 'local.'),
    busy: busyOf(value['busy']),
    data: textIn(value, 'data', 'local.'),
    links: Object.fromEntries(Object.keys(links).map((name) => [name, textIn(links, name, 'local.links.')])),
  };
};

/** The settings that a text holds. Throws a {@link ConfigError} that names the field. */
export const configIn = (text: string): Config => {
  let told: unknown;
  try {
    told = JSON.parse(text);
  } catch {
    throw new ConfigError('config.json is no JSON');
  }
  if (!isFields(told)) throw new ConfigError('config.json is no object');
  return {
    api: textIn(told, 'api', '').replace(/\/+$/, ''),
    signIn: signInOf(told['signIn']),
    local: localOf(told['local']),
  };
};

/** Reads `config.json` beside the page. */
export const loadConfig = async (): Promise<Config> => {
  const response = await fetch('./config.json', { cache: 'no-store' });
  if (!response.ok) throw new ConfigError(`config.json could not be read: ${response.status}`);
  return configIn(await response.text());
};
