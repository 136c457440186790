import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/** Checks that the whole tree uses the usual term for a thing, so that a new reader need not learn another one. */
const root = join(import.meta.dirname, '../../..')

const TERMS: [RegExp, string][] = [
  [/saboteur|sabotag/i, 'negative control'],
  [/\bthe doors?\b/i, 'caller session; to authenticate'],
  [/user_?heads?\b/i, 'revision counter'],
  [/\bwhoever\b/i, 'the caller; anyone who'],
  [/made[ _-]?json/i, 'raw JSON'],
  [/\b(?:the|first|second|both|two) (?:walls?|fences?)\b(?!-clock)|\bfenced\b/i, 'row-level security policies'],
  [/\b(?:createTurns|inTurn|in_turn|turnOf|Turns)\b|\b(?:their|its|a|your|whose) turns?\b/, 'limit; wait queue'],
  [/\b(?:a|the|free|no|of|per) slots?\b/i, 'connection'],
  [/\bqueues? of waiters\b/i, 'wait queue'],
  [/\bspots\b/i, 'row locations'],
  [/\b(?:made?|makes?|making) room\b/i, 'rebalance'],
  [/\bbehind `?after\b/i, 'after'],
  [/\b(?:max|of|many|more|all|its|number of)[ _]?tries\b/i, 'attempts'],
  [/\bshel(?:f|ves)\b/i, 'list scope'],
]

/** Where such a word is right, and why. A file of undefined means any file. */
const EXCEPTIONS: { file?: RegExp; line: RegExp; why: string }[] = [
  { file: /^apps\/cli\/src\/words\.test\.ts$/, line: /./, why: 'this list' },
  {
    file: /^packages\/db\/src\/(?:migration-refusals\.ts|old-shape\.db\.test\.ts)$/,
    line: /'[^']*tw\.user_heads/,
    why: 'a table of a database from before the first release, which `migrate` recognises and refuses',
  },
  { file: /^docs\/performance\.md$/, line: /^\| user_heads \|/, why: 'the name of the table when it was measured' },
  { line: /Paint the (?:fence|door)|Mend the fence|Dust the shelf/, why: 'the title of a task' },
  {
    file: /^packages\/db\/(?:README\.md|schema\.sql|src\/functions\/positions\/\w+\.sql)$/,
    line: /shelves/,
    why: 'an argument of two SQL functions; `create or replace function` cannot rename arguments',
  },
]

const files = globSync(['**/*.{ts,js,mjs,sql,md,json,yaml,yml,html}', '.ci/*'], {
  cwd: root,
  exclude: [
    '**/node_modules',
    '**/dist',
    '**/.taskwire',
    '**/.data',
    '**/.turbo',
    '**/test-fixtures',
    '**/results',
    'pnpm-lock.yaml',
  ],
})

test('source, messages and docs use the usual terms', () => {
  expect(files).toEqual(expect.arrayContaining(['.ci/run', 'README.md', 'packages/db/schema.sql']))
  const found = files.flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .flatMap((line, at) =>
        TERMS.filter(([word]) => word.test(line))
          .filter(() => !EXCEPTIONS.some((each) => (each.file?.test(file) ?? true) && each.line.test(line)))
          .map(([word, term]) => `${file}:${at + 1}: "${word.exec(line)?.[0]}": write ${term}`),
      ),
  )
  expect(found).toEqual([])
})
