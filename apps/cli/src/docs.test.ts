import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, matchesGlob } from 'node:path'
import { Readable } from 'node:stream'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { createRun } from './command.ts'
import { createProgram } from './program.ts'
import { createSink } from './testing/terminal.ts'
import { addTextOptions, editTextOptions } from './text-fields.ts'

/** Checks that links, tests, files, commands, variables, functions and metrics named in the docs exist. */
const root = join(import.meta.dirname, '../../..')
const exclude = ['**/node_modules', '**/dist', '**/.taskwire', '**/.data', '**/results']
const pages = globSync('**/*.md', { cwd: root, exclude })
const files = globSync('**/*', { cwd: root, exclude })
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** Returns the code in a page: the blocks that are not TypeScript, JSON or Mermaid, and the text between backticks. */
function codeOf(page: string): { blocks: string[]; inline: string[] } {
  const text = read(page)
  const blocks = [...text.matchAll(/^```(?!ts|json|mermaid)\w*\n([^]*?)^```/gm)].map(([, code = '']) => code)
  const inline = [...text.replaceAll(/^```[^]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)
  return { blocks, inline }
}
const linesOf = (page: string): string[] => {
  const { blocks, inline } = codeOf(page)
  return [...blocks.join('\n').split('\n'), ...inline]
}
const groupsOf = (page: string, pattern: RegExp): string[] =>
  linesOf(page).flatMap((line) => [...line.matchAll(pattern)].map(([, found = '']) => found))

test.each(pages)('%s has only valid links', (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:)([^)#\s]+)[^)]*\)/g)]
  expect(links.map(([, to = '']) => to).filter((to) => !existsSync(join(root, dirname(page), to)))).toEqual([])
})

test.each(pages)('%s names existing tests', (page) => {
  const named = [...read(page).matchAll(/`([\w./-]+\.test(?:-d)?\.ts)` "([^"]+)"/g)]
  const missing = named.filter(
    ([, file = '', title = '']) => !existsSync(join(root, file)) || !read(file).includes(title),
  )
  expect(missing.map(([whole]) => whole)).toEqual([])
})

// Matches a path from the root, or the end of a path. A .json, .md or .svg file is checked only with its directory.
const PROJECT_FILE =
  /^(?:(?:apps|bench|docs|examples|packages|torture)\/[\w./*-]+|[\w./*-]+\.(?:ts|sql)|[\w.*-]+\/[\w./*-]+\.(?:json|md|svg))$/

test.each(pages)('%s names existing files', (page) => {
  const named = linesOf(page)
    .flatMap((line) => line.split(/[\s"'=:;]+/))
    .map((word) => word.replace(/^\.\//, '').replace(/[/.,]$/, ''))
    .filter((word) => PROJECT_FILE.test(word))
  const isThere = (path: string): boolean =>
    files.some((file) => file === path || matchesGlob(file, path) || matchesGlob(file, `**/${path}`))
  expect([...new Set(named)].filter((path) => !isThere(path) && !NOT_COMMITTED.test(path))).toEqual([])
})
/** Files that a run creates, or that are not part of the project, such as those of another team's workspace. */
const NOT_COMMITTED = /^(?:apps\/web|bench\/\.data|bench\/results|torture\/results|samples\/.*)$/

const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }

test.each(pages)('%s names existing npm scripts', (page) => {
  const run = groupsOf(page, /npm run (?:-s )?([\w:-]+)/g)
  const short = groupsOf(page, /npm (start|test)\b/g)
  expect([...run, ...short].filter((name) => scripts[name] === undefined)).toEqual([])
  const projects = groupsOf(page, /vitest run --project (\w+)/g)
  expect(projects.filter((name) => !read('vitest.config.ts').includes(`name: '${name}'`))).toEqual([])
  const verbs = groupsOf(page, /taskwire-admin (?:-- )?([a-z][\w-]*)/g)
  expect(verbs.filter((verb) => !read('apps/api/src/admin.ts').includes(`\n  ${verb} `))).toEqual([])
})

// A signal to npm must reach the process; a shell in between would not pass it on.
test('long-running scripts replace the shell with exec', () => {
  const long = ['start', 'dev', 'test', 'taskwire', 'taskwire-admin', 'torture', 'bench', 'db:migrate', 'db:setup']
  expect(long.filter((name) => scripts[name]?.startsWith('exec ') !== true)).toEqual([])
})

const sink = createSink().output
const io = { env: {}, cwd: '/', stdin: Readable.from([]), out: sink, err: sink, now: () => new Date(), timeZone: 'UTC' }
const program = createProgram(createRun(io))
const below = (parent: Command, name: string | undefined): Command | undefined =>
  parent.commands.find((command) => command.name() === name)

/** Returns the words of a command line that are no commands or options of the program. */
function unknownOf(line: string): string[] {
  const words = line.replaceAll(/"[^"]*"|'[^']*'/g, 'x').split(/\s+/)
  const command = below(program, words[0])
  if (command === undefined) return [words[0] ?? '']
  const last = command.commands.length === 0 ? command : below(command, words[1])
  if (last === undefined) return words.slice(0, 2)
  const known = [program, command, last].flatMap(({ options }) => options.map(({ long }) => long))
  const options = words.filter((word) => word.startsWith('--')).map((word) => word.replace(/=.*/, ''))
  return options.filter((option) => option !== '--help' && !known.includes(option))
}

test.each(pages)('%s shows valid taskwire commands', (page) => {
  const lines = groupsOf(page, /(?:^|[\s(])taskwire (?:-- )?([a-z][^|#)>]*)/g)
  expect(lines.map((line) => [line, unknownOf(line)]).filter(([, unknown]) => unknown?.length !== 0)).toEqual([])
})

test('apps/cli/README.md, with import-export.md, names all commands, all options but --version, and no other options', () => {
  const commands = program.commands.flatMap((command) =>
    command.commands.length === 0
      ? [command.name()]
      : command.commands.map((each) => `${command.name()} ${each.name()}`),
  )
  const options = [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)]
    .flatMap((command) => command.options)
    .map(({ long }) => long)
  const code = ['README.md', 'import-export.md'].flatMap((page) => codeOf(`apps/cli/${page}`).inline)
  const named = new Set(code.flatMap((text) => text.match(/(?<!\S)--[a-z-]+/g) ?? []))
  // The README describes the options of text fields by those of the description.
  const implied = [...addTextOptions(), ...editTextOptions()].map(({ long }) => long)
  expect([...new Set([...named, ...implied])].toSorted()).toEqual(
    [...new Set(options), '--help'].filter((each) => each !== '--version').toSorted(),
  )
  expect(commands.filter((command) => !code.some((text) => `${text} `.startsWith(`${command} `)))).toEqual([])
})

const sources = files
  .filter((file) => /\.(?:ts|sql|json|yaml)$/.test(file) || file === '.ci/run')
  .filter((file) => file !== 'apps/cli/src/docs.test.ts' && !file.endsWith('lock.yaml') && !file.startsWith('docs/'))
  .map(read)
  .join('\n')

test.each(pages)('%s names existing variables, functions, metrics and roles', (page) => {
  const names = new Set(groupsOf(page, /((?<![\w$])(?:TASKWIRE_[A-Z_]+|taskwire_[a-z_]+|tw\.[a-z_]+))(?!\w)/g))
  expect(
    [...names].filter((name) => !new RegExp(`(?<!\\w)${name.replace('.', String.raw`\.`)}(?!\\w)`).test(sources)),
  ).toEqual([])
})
