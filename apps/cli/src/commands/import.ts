import { type Command, Option } from 'commander'
import { addCommand, type Run, start } from '../command.ts'
import type { Context } from '../context.ts'
import { CliError, EXIT } from '../exit.ts'
import { about, describe } from '../failure.ts'
import { FORMATS, type Format, type Note } from '../formats/types.ts'
import { countExisting, detailsOf, failedResult, type FileResult, placeOf, summaryOf } from '../import/report.ts'
import { readSource, type Source, STDIN } from '../import/read-source.ts'
import { createUploader, type Uploader } from '../import/upload.ts'
import { createProgress } from '../progress.ts'
import { printable } from '../screen.ts'

interface ImportOptions {
  format?: Format
  details?: boolean
}

export function addImport(run: Run, program: Command): void {
  addCommand(run, program, 'import', {
    summary: 'Take tasks over from files of other programs',
    more: 'The format is told from what a file holds. Importing a file again adds only what is new in it. What cannot be kept is told on standard error, a line each.',
    examples: [
      'import todo.txt done.txt',
      'import calendar.ics Tasks.json',
      'import --format taskwarrior export.json',
      'task export | import --format taskwarrior -',
    ],
  })
    .argument('<files...>', 'files, or - for standard input')
    .addOption(new Option('--format <format>', 'what the files are (default: told from each)').choices(FORMATS))
    .option('--details', 'a line for each task that is there, but not as it was imported')
    .action(async (files: string[], { format, details }: ImportOptions, command: Command) => {
      const ctx = await start(run, command)
      if (files.includes(STDIN) && format === undefined)
        throw new CliError(`With - say what standard input is: --format ${FORMATS.join('|')}`, EXIT.usage)
      // Before any file is read: without an account nothing can be done with them.
      await ctx.token()
      const uploader = createUploader(ctx)
      const results: FileResult[] = []
      for (const file of files) {
        const result = await importFile(ctx, uploader, file, format)
        results.push(result)
        if (result.error !== null) ctx.exitCode = EXIT.failed
        if (ctx.json || result.error !== null) continue
        ctx.screen.line(summaryOf(result))
        if (details) for (const line of detailsOf(result)) ctx.screen.note(line)
      }
      if (ctx.json) ctx.screen.json({ files: results })
    })
}

async function importFile(
  ctx: Context,
  uploader: Uploader,
  file: string,
  format: Format | undefined,
): Promise<FileResult> {
  let source: Source
  try {
    source = await readSource(ctx.io, file, format)
  } catch (error) {
    if (error instanceof CliError && error.exitCode === EXIT.usage) throw error
    const { message } = describe(error, ctx)
    // An error of the file system has the whole path in place of the name as given.
    const words = error instanceof CliError ? message : `${file}: ${message.slice(message.lastIndexOf(': ') + 2)}`
    ctx.screen.fail(words)
    return failedResult(file, words)
  }
  tell(ctx, file, source.notes)
  const progress = createProgress(ctx.io, file)
  try {
    const { imported, existing, refused } = await uploader.upload(file, source.tasks, progress.update)
    progress.stop()
    tell(ctx, file, refused)
    const notes = [...source.notes, ...refused]
    return {
      file,
      format: source.format,
      imported: imported.size,
      existing: countExisting(existing),
      refused: refused.length,
      notes,
      error: null,
    }
  } catch (error) {
    progress.stop()
    throw about(`${file}: not all of it was imported (import it again to go on)`, error, ctx)
  }
}

function tell(ctx: Context, file: string, notes: readonly Note[]): void {
  for (const { line, message } of notes) ctx.screen.note(printable(`${placeOf(file, line)}: ${message}`))
}
