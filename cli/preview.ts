// `recoup preview`: one invented mail as it would look, into a file or onto the terminal.
import { writeFile } from 'node:fs/promises';
import { Argument, Command } from 'commander';
import type { MailText } from '../core/ports.ts';
import { loadPolicy } from './load-policy.ts';
import { langOption, messageIn, sampleMail, scenarioOption, type MailOptions } from './mail-options.ts';
import { UserError } from './user-error.ts';

type Options = MailOptions & { readonly out?: string; readonly policy?: string };

const run = async (message: MailText, options: Options): Promise<void> => {
  const mail = sampleMail(message, options, await loadPolicy(options.policy));
  const { out } = options;
  if (out === undefined) {
    console.log(`Subject: ${mail.subject}\n\n${mail.text}`);
    return;
  }
  await writeFile(out, out.endsWith('.txt') ? mail.text : mail.html).catch((error: NodeJS.ErrnoException) => {
    throw new UserError(`${out}: the mail cannot be written (${error.code ?? error.message})`);
  });
  console.log(`${out}: ${mail.subject}`);
};

/** The command, ready to be added to the program. */
export const previewCommand = (): Command =>
  new Command('preview')
    .description('Shows one mail with invented data: as text here, or as HTML in a file. Nothing is sent.')
    .addArgument(new Argument('<message>', 'which message, such as payment-failed').argParser(messageIn))
    .addOption(langOption())
    .addOption(scenarioOption())
    .option('--out <file>', 'write the HTML there, or the text when the name ends in .txt')
    .option('--policy <file>', 'whose sender it is from; policy.ts unless given')
    .action(run);
