import { join } from 'node:path'
import { rolldown } from 'rolldown'

export interface BundleOptions {
  directory: string
  /** The source file of each entry. */
  entries: Readonly<Record<string, string>>
}

const polyfill = join(import.meta.dirname, 'disposable-stacks.ts')

/** Bundles the entries with all packages that they import, for Node 22. Returns the directories of these packages. */
export async function bundle({ directory, entries }: BundleOptions): Promise<{ packages: string[] }> {
  await using bundler = await rolldown({
    input: { ...entries },
    platform: 'node',
    // Users who want it install it beside the package.
    external: ['@taskwire/embedded-db'],
    transform: {
      target: 'node22',
      // Imported from a module, not set on globalThis: the plugin must not change the globals of its host's process.
      inject: {
        DisposableStack: [polyfill, 'DisposableStack'],
        AsyncDisposableStack: [polyfill, 'AsyncDisposableStack'],
      },
    },
    onLog(_level, { message }) {
      throw new Error(`rolldown: ${message}`)
    },
  })
  const { output } = await bundler.write({
    dir: directory,
    format: 'esm',
    chunkFileNames: '[name].js',
    codeSplitting: { groups: [{ name: 'shared', minShareCount: 2 }] },
    // Stack traces stay readable: names and lines are kept, and NODE_OPTIONS=--enable-source-maps names the source files.
    minify: false,
    sourcemap: true,
    sourcemapExcludeSources: true,
    comments: { legal: false, annotation: false, jsdoc: false },
  })
  const modules = output.flatMap((file) => (file.type === 'chunk' ? Object.keys(file.modules) : []))
  const packages = modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? [])
  return { packages: [...new Set(packages)] }
}
