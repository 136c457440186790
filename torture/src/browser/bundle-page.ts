import { join } from 'node:path'
import { rolldown } from 'rolldown'

/** A text of a source file, and what another version of the code has in its place. */
export interface Replacement {
  /** The end of the file's path. */
  file: string
  from: RegExp
  to: string
}

/** Bundles the page's script, for which some lines can be replaced. Throws if one of them is not there. */
export async function bundlePage(replacements: readonly Replacement[] = []): Promise<string> {
  const missing = new Set(replacements)
  await using bundler = await rolldown({
    input: join(import.meta.dirname, 'page.ts'),
    platform: 'browser',
    plugins: [
      {
        name: 'another-version',
        transform(code, id) {
          let replaced = code
          for (const replacement of replacements) {
            const { file, from, to } = replacement
            if (!id.endsWith(file) || !from.test(replaced)) continue
            replaced = replaced.replace(from, to)
            missing.delete(replacement)
          }
          return replaced === code ? undefined : replaced
        },
      },
    ],
  })
  // A classic script, since a sandboxed page cannot load modules.
  const { output } = await bundler.generate({ format: 'iife', codeSplitting: false })
  const [first] = missing
  if (first !== undefined) throw new Error(`${first.file} has no ${String(first.from)}; adapt the replacement`)
  return output[0].code
}
