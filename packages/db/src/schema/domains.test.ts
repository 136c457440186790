import { readFileSync } from 'node:fs'
import { LIMITS, PRIORITIES, SCOPES } from '@taskwire/contract'
import { expect, test } from 'vitest'
import { TEXT_FIELDS } from '../testing/fields.ts'

// Dumped from a migrated database, and checked against it by `npm run check:schema`.
const schema = readFileSync(new URL('../../schema.sql', import.meta.url), 'utf8')
const isLine = (most: number): string => `(tw.is_line(VALUE, ${most}))`
const isText = (most: number): string => `(((char_length(VALUE) <= ${most}) AND (VALUE IS NFC NORMALIZED)))`
const texts = TEXT_FIELDS.map(({ domain, kind, max }) => [domain, (kind === 'line' ? isLine : isText)(max)])

test.each([
  ...texts,
  ['account_name', isLine(LIMITS.accountName)],
  ['key_name', isLine(LIMITS.keyName)],
  ['space_name', isLine(LIMITS.listName)],
  ['tags', `(((VALUE = '{}'::text[]) OR tw.are_tags(VALUE, ${LIMITS.tagsPerTask}, ${LIMITS.tag})))`],
  ['priority', `(((VALUE >= 0) AND (VALUE <= ${PRIORITIES.length - 1})))`],
  [
    'scopes',
    `(((VALUE <@ ARRAY[${SCOPES.map((scope) => `'${scope}'::text`).join(', ')}]) AND (cardinality(VALUE) > 0)))`,
  ],
])('the domain %s has the limit of the contract', (domain, rule) => {
  const start = `  constraint ${domain}_check `
  expect(schema.split('\n').find((line) => line.startsWith(start))).toBe(`${start}CHECK ${rule};`)
})
