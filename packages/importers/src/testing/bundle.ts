import { rolldown } from 'rolldown'
import { gzipSync } from 'node:zlib'

export interface Bundle {
  /** A script that defines the global `bundled`. */
  code: string
  /** Bytes. */
  gzipped: number
  /** Paths of the modules included. */
  modules: string[]
}

/** Bundles a module for a browser into one minified script. Throws if the script still imports something. */
export async function bundle(entry: string): Promise<Bundle> {
  await using bundler = await rolldown({ input: entry, platform: 'browser' })
  const { output } = await bundler.generate({ format: 'iife', name: 'bundled', minify: true, codeSplitting: false })
  const [{ code, imports, modules }] = output
  if (imports.length > 0) throw new Error(`The bundle still imports ${imports.join(', ')}`)
  return { code, gzipped: gzipSync(code, { level: 9 }).length, modules: Object.keys(modules) }
}
