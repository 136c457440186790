import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../commit-tree.ts'

/** What a section of docs/adopt.md tells its reader to do. */
export interface Section {
  /** The code blocks that begin with the name of a file. */
  files: Readonly<Record<string, string>>
  /** The lines of the blocks for a shell. */
  commands: readonly string[]
}

/** Reads docs/adopt.md: its sections by their headings. */
export async function readPage(): Promise<ReadonlyMap<string, Section>> {
  const text = await readFile(join(root, 'docs/adopt.md'), 'utf8')
  const sections = text.split(/^## /m).slice(1)
  return new Map(
    sections.map((section) => {
      const heading = section.slice(0, section.indexOf('\n'))
      const files: Record<string, string> = {}
      const commands: string[] = []
      for (const [, language = '', code = ''] of section.matchAll(/^```(\w+)\n([^]*?)^```/gm)) {
        if (language === 'sh') commands.push(...code.trimEnd().split('\n'))
        else files[fileNameOf(heading, code)] = code
      }
      return [heading, { files, commands }]
    }),
  )
}

function fileNameOf(heading: string, code: string): string {
  const name = /^\/\/ (\S+)\n/.exec(code)?.[1]
  if (name === undefined) throw new Error(`docs/adopt.md, ${heading}: a block does not begin with the name of its file`)
  return name
}
