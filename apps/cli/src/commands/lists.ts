import type { Client, List, TagCount } from '@taskwire/client'
import { INBOX, isInbox } from '@taskwire/importers'
import type { Command } from 'commander'
import { addCommand, inContext, type Run } from '../command.ts'
import { readLists, readTags } from '../pages.ts'
import { type Column, formatTable } from '../table.ts'

/** Each list's counts cost a call, so more lists than this are shown without counts. */
const MAX_COUNTED = 100

/** The fields that callers set. */
type ListField = Exclude<keyof List, 'id' | 'position' | 'revision' | 'createdAt' | 'updatedAt'>

/** A list, or the inbox, which has no id. */
interface Row extends Partial<Pick<List, ListField>> {
  id: string | null
  name: string
  open?: number
  complete?: number
}

/** The columns of the fields. Null: only `lists --json` shows the field. */
const FIELD_COLUMNS: Record<ListField, Column<Row> | null> = {
  name: { head: 'LIST', value: ({ name }) => name, flexible: true },
}

export function addLists(run: Run, program: Command): void {
  addCommand(run, program, 'lists', {
    summary: 'Show the inbox and the lists',
    more: 'To create a list, add a task to it: add … --list NAME --create-list',
    examples: ['lists', 'lists --json'],
  }).action(
    inContext(run, async ({ screen, json, program: programName, client: connect }) => {
      const client = await connect()
      const all = [{ id: null, name: INBOX }, ...(await readLists(client))]
      const rows: Row[] =
        all.length > MAX_COUNTED ? all : await Promise.all(all.map(async (row) => await withCounts(client, row)))
      if (json) return screen.json(rows)
      const columns: Column<Row>[] = [
        ...Object.values(FIELD_COLUMNS).filter((column) => column !== null),
        { head: 'OPEN', value: ({ open }) => String(open ?? ''), align: 'right', optional: true },
        { head: 'DONE', value: ({ complete }) => String(complete ?? ''), align: 'right', optional: true },
      ]
      screen.line(formatTable(rows, columns, screen))
      if (rows.length === 1)
        screen.note(`There are no lists yet. Create one: ${programName} add "Buy milk" --list Shopping --create-list`)
      for (const { id, name } of rows)
        if (id !== null && isInbox(name))
          screen.note(`The name "${name}" always means the inbox. For the list of that name use --list ${id}`)
    }),
  )
}

async function withCounts<R extends Row>(client: Client, row: R): Promise<R> {
  const { open, complete } = await client.tasks.count.query({ filter: { listId: row.id } })
  return { ...row, open, complete }
}

export function addTags(run: Run, program: Command): void {
  addCommand(run, program, 'tags', {
    summary: 'Show the tags, with the number of tasks of each',
    examples: ['tags', 'tags --json'],
  }).action(
    inContext(run, async ({ screen, json, program: programName, client: connect }) => {
      const tags = await readTags(await connect())
      if (json) return screen.json(tags)
      if (tags.length === 0) return screen.note(`No tags. Add one: ${programName} edit <id> --add-tag shop`)
      const columns: Column<TagCount>[] = [
        { head: 'TAG', value: ({ tag }) => tag, flexible: true },
        { head: 'TASKS', value: ({ count }) => String(count), align: 'right' },
      ]
      screen.line(formatTable(tags, columns, screen))
    }),
  )
}
