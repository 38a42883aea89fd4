#!/usr/bin/env node
// Starts the `recoup` command on Node 24: the one at hand, or the one that npm installed beside the project.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
const [major] = process.versions.node.split('.').map(Number);

if (major >= 24) {
  await import('./main.ts');
} else {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const node = fileURLToPath(new URL(`../node_modules/.bin/${name}`, import.meta.url));
  if (existsSync(node)) {
    const { status, error } = spawnSync(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
    if (error) console.error(`recoup: cannot start ${node}: ${error.message}`);
    process.exitCode = status ?? 1;
  } else {
    console.error(
      `recoup needs Node 24 and this is ${process.version}. Run "npm ci" first (it installs Node 24 on Linux and ` +
        'Windows); on macOS install Node 24 with fnm or nvm: the version is in .nvmrc.',
    );
    process.exitCode = 1;
  }
}
