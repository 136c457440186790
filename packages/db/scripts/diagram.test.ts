import { expect, test } from 'vitest'
import { updateDiagram } from './diagram.ts'

const PAGE = `erDiagram
  lists { uuid id PK
          int name UK "per space"
          text gone }
  other { uuid id PK }
`

test('the diagram gets the columns and types of the database, and keeps its order, keys and comments', () => {
  const columns = [
    { name: 'name', type: 'text' },
    { name: 'id', type: 'uuid' },
    { name: 'tags', type: 'text[]' },
    { name: 'at', type: 'timestamp with time zone' },
  ]
  expect(updateDiagram(PAGE, [{ name: 'lists', columns }])).toBe(`erDiagram
  lists { uuid id PK
          text name UK "per space"
          text_array tags
          timestamptz at }
  other { uuid id PK }
`)
})
