import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Plugin } from 'vite'

/** Writes the directories of the packages whose code the build contains to a file, for their licences. */
export function listPackages(file: string): Plugin {
  let root = ''
  return {
    name: 'list-packages',
    apply: 'build',
    configResolved(config) {
      root = config.root
    },
    async writeBundle(_options, bundle) {
      const modules = Object.values(bundle).flatMap((part) => (part.type === 'chunk' ? Object.keys(part.modules) : []))
      const packages = modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? [])
      await writeFile(join(root, file), JSON.stringify([...new Set(packages)]))
    },
  }
}
