/** What is in `dist`, besides the declarations: the command, and the library twice. */
import { readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import type { BuildOptions, Plugin } from 'esbuild';

const root = join(import.meta.dirname, '../..');
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

/**
 * An `import` of a module of Node's own reads all of its exports, and with those of `node:http` comes Node's whole
 * WebSocket client. Asked for as a value, it loads what is used: 4 MB less in every process.
 */
const lazyBuiltins: Plugin = {
  name: 'lazy-builtins',
  setup(bundler) {
    const names = [...builtinModules, ...builtinModules.map((name) => `node:${name}`)];
    const filter = new RegExp(`^(${names.join('|')})$`);
    bundler.onResolve({ filter }, ({ path }) => ({ path, namespace: 'builtin' }));
    bundler.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};

/**
 * Of the client library only the configuration is used. Its generated models do not say that they may be left out: they
 * would be another megabyte.
 */
const shakenClient: Plugin = {
  name: 'shaken-client',
  setup(bundler) {
    bundler.onResolve({ filter: /^@kubernetes\/client-node$|^\./ }, async (args) => {
      const { path, kind, importer, resolveDir, pluginData } = args;
      const isOfClient = [path, importer].some((name) => name.includes('@kubernetes/client-node'));
      if (!isOfClient || pluginData === 'resolving') return undefined;
      const options = { kind, importer, resolveDir, pluginData: 'resolving' };
      return { ...(await bundler.resolve(path, options)), sideEffects: false };
    });
  },
};

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  outdir: 'dist',
  // What several entries, or several commands, have in common is there once, and what a process does not run it does not
  // load: a proxy without the operator's part takes 17 MB less.
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  sourcemap: true,
  define: { CHAOSGATE_VERSION: JSON.stringify(version) },
  logLevel: 'warning',
  metafile: true,
} as const satisfies BuildOptions;

export const command = {
  ...common,
  entryPoints: { chaosgate: 'src/cli/main.ts' },
  // Says that they are ES modules where there is no package.json to say it.
  outExtension: { '.js': '.mjs' },
  plugins: [lazyBuiltins, shakenClient],
  // Dependencies in CommonJS call `require` for Node's own modules; an ES module has none.
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
} as const satisfies BuildOptions;

export const library = {
  ...common,
  entryPoints: ['src/client/client.ts', 'src/client/vitest.ts'],
  // The library comes with its dependencies, which npm can tell about, audit and share.
  packages: 'external',
} satisfies BuildOptions;

/** For `require`, with its dependencies: several of them are ES modules, which Jest cannot load. */
export const commonJsLibrary = {
  ...common,
  entryPoints: ['src/client/client.ts'],
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  splitting: false,
  sourcemap: false,
  minifySyntax: true,
  minifyWhitespace: true,
  plugins: [shakenClient],
} satisfies BuildOptions;
