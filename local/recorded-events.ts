// Reads recorded events from a file or a folder: one JSON a file or a line, lists too, in any order.
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** One thing found in a file: an event that can be played, or why it cannot. */
export type Recorded = { readonly where: string; readonly value: unknown };
export type Unreadable = { readonly where: string; readonly reason: string };
export type Recording = { readonly events: readonly Recorded[]; readonly unreadable: readonly Unreadable[] };

/** A path that cannot be read at all, in one line. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';
}

const ENDINGS = ['.json', '.jsonl', '.ndjson'];

const filesUnder = async (path: string): Promise<string[]> => {
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && ENDINGS.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
};

const parse = (text: string): { readonly ok: true; readonly value: unknown } | { readonly ok: false } => {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false };
  }
};

/** A list object of the provider's API, or a plain array, holds events. */
const membersOf = (value: unknown): readonly unknown[] | null => {
  if (Array.isArray(value)) return value;
  const list = value as { object?: unknown; data?: unknown } | null;
  return list !== null && typeof list === 'object' && list.object === 'list' && Array.isArray(list.data)
    ? list.data
    : null;
};

const expand = (where: string, value: unknown): Recorded[] =>
  membersOf(value)?.map((member, i) => ({ where: `${where}[${i}]`, value: member })) ?? [{ where, value }];

const readText = (where: string, text: string, asLines: boolean): Recording => {
  const whole = asLines ? null : parse(text);
  if (whole?.ok) return { events: expand(where, whole.value), unreadable: [] };
  const lines = text.split('\n').map((line, i) => ({ where: `${where}:${i + 1}`, text: line.trim() }));
  const filled = lines.filter((line) => line.text !== '');
  const parsed = filled.map((line) => ({ ...line, parsed: parse(line.text) }));
  // A .json file that is no JSON as a whole and on no line is one broken thing, not as many as it has lines.
  if (!asLines && !parsed.some((line) => line.parsed.ok)) {
    return {
      events: [],
      unreadable: [{ where, reason: text.trim() === '' ? 'the file is empty' : 'not JSON' }],
    };
  }
  return {
    events: parsed.flatMap((line) => (line.parsed.ok ? expand(line.where, line.parsed.value) : [])),
    unreadable: parsed.flatMap((line) => (line.parsed.ok ? [] : [{ where: line.where, reason: 'not JSON' }])),
  };
};

/** Reads everything under a path. Throws {@link RecordingError} when there is nothing to read. */
export const readRecording = async (path: string): Promise<Recording> => {
  let files: string[];
  let root = path;
  try {
    const isFolder = (await stat(path)).isDirectory();
    files = isFolder ? await filesUnder(path) : [path];
    if (!isFolder) root = join(path, '..');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new RecordingError(
      code === 'ENOENT'
        ? `${path}: no such file or folder`
        : `${path}: cannot be read (${code ?? 'unknown'})`,
    );
  }
  if (files.length === 0) throw new RecordingError(`${path}: no ${ENDINGS.join(', ')} file in this folder`);
  const events: Recorded[] = [];
  const unreadable: Unreadable[] = [];
  for (const file of files) {
    const where = relative(root, file);
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
      if (files.length === 1) throw new RecordingError(`${path}: cannot be read (${code})`);
      unreadable.push({ where, reason: `cannot be read (${code})` });
      continue;
    }
    const read = readText(where, text.replace(/^\uFEFF/, ''), !file.endsWith('.json'));
    events.push(...read.events);
    unreadable.push(...read.unreadable);
  }
  return { events, unreadable };
};
