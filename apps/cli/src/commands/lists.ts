import type { List, TagCount } from '@taskwire/client'
import type { Command } from 'commander'
import { addCommand, type Run, start } from '../command.ts'
import { readLists, readTags } from '../pages.ts'
import { type Column, formatTable } from '../table.ts'

/** Counting is a call for each list: beyond these there is no count. */
const MOST_COUNTED = 100

export function addLists(run: Run, program: Command): void {
  addCommand(run, program, 'lists', {
    summary: 'Show the lists',
    more: 'A list is made by adding to it: add … --list NAME --create-list',
    examples: ['lists', 'lists --json'],
  }).action(async (_options: object, command: Command) => {
    const { screen, json, program: called, client: connect } = await start(run, command)
    const client = await connect()
    const lists = await readLists(client)
    const isCounted = lists.length <= MOST_COUNTED
    const rows = await Promise.all(
      lists.map(async (list) => {
        if (!isCounted) return list
        const { open, complete } = await client.tasks.count.query({ filter: { listId: list.id } })
        return { ...list, open, complete }
      }),
    )
    if (json) return screen.json(rows)
    if (rows.length === 0)
      return screen.note(
        `No lists; tasks are in the inbox. Make one: ${called} add "Buy milk" --list Shopping --create-list`,
      )
    const columns: Column<List & { open?: number; complete?: number }>[] = [
      { head: 'LIST', value: ({ name }) => name, flexible: true },
      { head: 'OPEN', value: ({ open }) => String(open ?? ''), align: 'right', optional: true },
      { head: 'DONE', value: ({ complete }) => String(complete ?? ''), align: 'right', optional: true },
    ]
    screen.line(formatTable(rows, columns, screen))
  })
}

export function addTags(run: Run, program: Command): void {
  addCommand(run, program, 'tags', {
    summary: 'Show the tags in use, and on how many tasks each is',
    examples: ['tags', 'tags --json'],
  }).action(async (_options: object, command: Command) => {
    const { screen, json, program: called, client: connect } = await start(run, command)
    const tags = await readTags(await connect())
    if (json) return screen.json(tags)
    if (tags.length === 0) return screen.note(`No tags. Add one: ${called} edit <id> --add-tag shop`)
    const columns: Column<TagCount>[] = [
      { head: 'TAG', value: ({ tag }) => tag, flexible: true },
      { head: 'TASKS', value: ({ count }) => String(count), align: 'right' },
    ]
    screen.line(formatTable(tags, columns, screen))
  })
}
