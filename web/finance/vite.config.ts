// How the finance page is built: plain files that any server can give out, under a policy that lets in no inline script.
import { defineConfig } from 'vite';

const WORDS_OF_ALL_VIEWS = /\/words\/([\w-]+)\/(?:shell|names|definitions|problems)\.json$/;

/** What every view says is one file a language. */
const wordsTogether = (id: string): string | null => {
  const language = WORDS_OF_ALL_VIEWS.exec(id)?.[1];
  return language === undefined ? null : `words-${language}`;
};

export default defineConfig({
  root: import.meta.dirname,
  // It can lie under any path: nothing in it names where it is.
  base: './',
  publicDir: false,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    // A picture in a style sheet would come as data:, and each file is worth its own name.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: wordsTogether, debugName: 'words' }] } } },
  },
});
