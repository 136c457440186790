import { failureOf, isTaskwireError } from '@taskwire/client'
import { Argument, type Command } from 'commander'
import { addCommand, type Run, start } from '../command.ts'
import { CliError, EXIT } from '../exit.ts'
import { about } from '../failure.ts'
import { parseRevision } from './log.ts'

export function addUndo(run: Run, program: Command): void {
  addCommand(run, program, 'undo', {
    summary: 'Undo a change',
    more: 'All that was changed along with it goes back too, as a new change: undo that to do it again. What has been changed since is not touched, and the undoing refused.',
    examples: ['log', 'undo 42'],
  })
    .addArgument(new Argument('<revision>', 'as log shows it').argParser(parseRevision))
    .action(async (revision: number, _options: object, command: Command) => {
      const ctx = await start(run, command)
      const client = await ctx.client()
      const undone = await client.changes.revert.mutate({ revision }).catch((error: unknown) => {
        if (isTaskwireError(error) && failureOf(error).appCode === 'NOT_FOUND')
          throw new CliError(
            `There is no revision ${revision}, or it is no longer kept. See the revisions: ${ctx.program} log`,
            EXIT.notFound,
          )
        if (isTaskwireError(error) && failureOf(error).appCode === 'REVISION_CONFLICT')
          throw new CliError(
            `Revision ${revision}: What it changed has been changed since, so nothing was undone. Undo the later changes first (${ctx.program} log), or change it by hand.`,
            EXIT.conflict,
          )
        throw about(`Revision ${revision}`, error, ctx)
      })
      if (ctx.json) return ctx.screen.json(undone)
      const what = `${undone.affected} ${undone.affected === 1 ? 'thing' : 'things'} changed back`
      ctx.screen.line(`Undone: ${what}, at revision ${undone.revision}.`)
    })
}
