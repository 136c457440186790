import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { connectOnce } from '../src/connection/connect.ts'
import { createTestDatabase } from '../src/testing/index.ts'
import { readColumns, updateDiagram } from './diagram.ts'

test('the diagram of docs/data-model.md has the columns of the database, and is mended if not', async () => {
  await using database = await createTestDatabase()
  await using connection = await connectOnce({ address: database.admin, applicationName: 'test' })
  const tables = await readColumns(connection.sql)
  const page = await readFile(new URL('../../../docs/data-model.md', import.meta.url), 'utf8')
  expect(updateDiagram(page, tables)).toBe(page)
  const edited = page
    .replace('smallint priority', 'text priority')
    .replace('uuid list_id FK', 'uuid gone\n          uuid list_id FK')
    .replace(/\n *timestamptz deleted_at.*\}/, ' }')
  expect(edited).not.toContain('deleted_at')
  expect(updateDiagram(edited, tables)).toBe(
    page.replace('timestamptz deleted_at "in the trash since"', 'timestamptz deleted_at'),
  )
})
