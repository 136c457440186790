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

/** Bundles an entry for a browser into one minified file without imports. */
export async function bundle(entry: string): Promise<Bundle> {
  await using bundler = await rolldown({ input: entry, platform: 'browser' })
  const { output } = await bundler.generate({ format: 'esm', minify: true, codeSplitting: false })
  const [{ code, imports, modules }] = output
  if (imports.length > 0) throw new Error(`The bundle still imports ${imports.join(', ')}`)
  const { length: gzipped } = gzipSync(code, { level: 9 })
  return { code, gzipped, modules: Object.keys(modules) }
}
