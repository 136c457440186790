import { rolldown } from 'rolldown'
import { gzipSync } from 'node:zlib'

/** A bundle for a browser. */
export interface Bundle {
  code: string
  /** Bytes after gzip at its highest level. */
  gzipped: number
  /** The source files of the bundle. */
  modules: string[]
}

/** Bundles an entry for a browser into one minified file, whose only import is React, if it needs that. */
export async function bundle(entry: string): Promise<Bundle> {
  await using bundler = await rolldown({ input: entry, platform: 'browser', external: ['react'] })
  const { output } = await bundler.generate({ format: 'esm', minify: true, codeSplitting: false })
  const [{ code, imports, modules }] = output
  const others = imports.filter((name) => name !== 'react')
  if (others.length > 0) throw new Error(`The bundle still imports ${others.join(', ')}`)
  const { length: gzipped } = gzipSync(code, { level: 9 })
  return { code, gzipped, modules: Object.keys(modules) }
}
