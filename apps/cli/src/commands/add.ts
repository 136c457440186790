import type { Priority } from '@taskwire/client'
import { quoteTitle } from '@taskwire/importers'
import { type Command, Option } from 'commander'
import { zoneFor } from '../account-zone.ts'
import { addCommand, inContext, repeatable, type Run } from '../command.ts'
import { parseWhen, toDue, type When } from '../due.ts'
import { throwAbout } from '../failure.ts'
import { priorityOption, timeZoneOption } from '../filters.ts'
import { shortId } from '../ids.ts'
import { findOrCreateList } from '../lists.ts'
import { withNames } from '../named-tasks.ts'
import { addTextOptions, type TextValues, textValues } from '../text-fields.ts'

interface AddOptions extends TextValues {
  list?: string
  createList?: boolean
  priority?: Priority
  tag?: string[]
  due?: When
  timeZone?: string
  complete?: boolean
}

export function dueOption(more = ''): Option {
  return new Option(
    '--due <when>',
    `YYYY-MM-DD, today or tomorrow, optionally with a time: "tomorrow 18:00"${more}`,
  ).argParser(parseWhen)
}

export function addAdd(run: Run, program: Command): void {
  const command = addCommand(run, program, 'add', {
    summary: 'Add a task',
    more: 'It goes to the end of its list, or of the inbox.',
    examples: [
      'add Buy milk',
      'add "Call the bank" --due "tomorrow 09:30" --priority high',
      'add Paint the fence --list Garden --create-list --tag weekend --tag outside',
    ],
  })
    .argument('<title...>', 'its title; several words need no quotes')
    .option('--list <name>', 'the list to put it in')
    .option('--create-list', 'create the list if it does not exist')
  for (const option of addTextOptions()) command.addOption(option)
  command
    .addOption(priorityOption('--priority <priority>', 'its priority'))
    .addOption(repeatable('--tag <tag>', 'a tag'))
    .addOption(dueOption())
    .addOption(timeZoneOption())
    .option('--complete', 'add it as completed')
    .action(
      inContext(run, async (ctx, words: string[], options: AddOptions) => {
        const client = await ctx.client()
        const { list, createList = false, priority, tag, due, timeZone, complete } = options
        const zone = due === undefined ? 'UTC' : await zoneFor(client, timeZone, [due])
        const { listId, done } =
          list === undefined ? { listId: null, done: [] } : await findOrCreateList(ctx, client, list, createList)
        const title = words.join(' ')
        const draft = {
          title,
          listId,
          ...textValues(options),
          priority,
          tags: tag,
          due: due && toDue(due, zone, ctx.io.now()),
          complete,
        }
        const task = await client.tasks.create.mutate(draft).catch(throwAbout(ctx, `Task ${quoteTitle(title)}`, done))
        if (ctx.json) return ctx.screen.json((await withNames(client, [task]))[0])
        ctx.screen.line(`Added ${ctx.screen.paint('cyan', shortId(task.id))} ${task.title}`)
      }),
    )
}
