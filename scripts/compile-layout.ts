// Compiles the layout of the mails: MJML in, HTML with the same Liquid out. As a program, from stdin to stdout.
import { text } from 'node:stream/consumers';
import mjml from 'mjml';

/** What stands in the layout is not as MJML wants it; the message says where and what. */
export class LayoutError extends Error {
  override readonly name = 'LayoutError';
}

/** MJML indents by depth, which no reader of a mail sees. No line of ours is in a `pre`. */
const withoutIndents = (html: string): string =>
  html.replaceAll(/^[ \t]+|[ \t]+$/gm, '').replaceAll(/\n{2,}/g, '\n');

/**
 * Compiles a layout. Liquid is left as it stands, also where MJML would like to know the value. Throws a
 * {@link LayoutError} that names every line that MJML does not take.
 */
export const compileLayout = async (source: string): Promise<string> => {
  try {
    // With its own list of fonts MJML would have each mail fetch Roboto from Google.
    const { html, errors } = await mjml(source, { validationLevel: 'soft', keepComments: false, fonts: {} });
    // What a placeholder will be is not known yet, so it is neither a colour nor a direction to MJML.
    const faults = errors.filter(({ message }) => !message.includes('{{'));
    if (faults.length === 0) return `${withoutIndents(html).trim()}\n`;
    throw new LayoutError(faults.map(({ line, message }) => `line ${line}: ${message}`).join('; '));
  } catch (error) {
    if (error instanceof LayoutError) throw error;
    throw new LayoutError(error instanceof Error ? error.message : String(error), { cause: error });
  }
};

if (import.meta.main) {
  try {
    process.stdout.write(await compileLayout(await text(process.stdin)));
  } catch (error) {
    process.stderr.write(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
