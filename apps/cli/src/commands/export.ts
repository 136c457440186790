import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { counted, FORMATS, type Format, nameTasks, sortByPlace } from '@taskwire/importers'
import { type Command, Option } from 'commander'
import { readZone, zoneOfComputer } from '../account-zone.ts'
import { addCommand, inContext, type Run } from '../command.ts'
import { CliError, EXIT } from '../exit.ts'
import { onFile } from '../file-error.ts'
import { addFilterOptions, type FilterOptions, readFilter } from '../filters.ts'
import { readLists, readTasks } from '../pages.ts'

interface ExportOptions extends FilterOptions {
  format?: Format
  output?: string
}

export function addExport(run: Run, program: Command): void {
  const command = addCommand(run, program, 'export', {
    summary: 'Export tasks in the format of another program',
    more: 'Exports all open and completed tasks by default. Importing the file into another account creates the same tasks; into the same account it changes nothing.',
    examples: [
      'export --format todotxt > todo.txt',
      'export --format icalendar --output tasks.ics',
      'export --format json --list Garden --open',
    ],
  })
    .addOption(new Option('--format <format>', 'the format (default: json)').choices(FORMATS))
    .option('--output <file>', 'write to this file instead of standard output')
    .option('--search <words>', 'with all of these words in title or description')
  addFilterOptions(command).action(
    inContext(run, async (ctx, options: ExportOptions) => {
      const { screen, io } = ctx
      const { format = 'json', output } = options
      if (ctx.json && format !== 'json' && output === undefined)
        throw new CliError(`${format} is not JSON: leave out --json, or write to a file with --output`, EXIT.usage)
      const client = await ctx.client()
      const filter = await readFilter(ctx, client, options, 'all')
      const [found, lists] = await Promise.all([
        readTasks(client, { filter, timeZone: options.timeZone }),
        readLists(client),
      ])
      const tasks = nameTasks(sortByPlace(found, lists), lists)
      const { exporters } = await import('@taskwire/importers/formats')
      // Taskwarrior has only instants: an all-day date is midnight in this zone.
      const timeZone = options.timeZone ?? (await readZone(client)) ?? zoneOfComputer(io) ?? 'UTC'
      const text = exporters[format](tasks, { timeZone })
      if (output === undefined) return screen.raw(text)
      await onFile(output, writeFile(resolve(io.cwd, output), text))
      if (ctx.json) screen.json({ file: output, format, tasks: tasks.length })
      else screen.note(`Wrote ${counted(tasks.length, 'task')} to ${output}.`)
    }),
  )
}
