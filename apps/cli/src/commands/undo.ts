import { counted } from '@taskwire/importers'
import { Argument, type Command } from 'commander'
import { addCommand, inContext, type Run } from '../command.ts'
import { CliError, EXIT } from '../exit.ts'
import { isRefusal, toCliError } from '../failure.ts'
import { parseRevision } from './log.ts'

export function addUndo(run: Run, program: Command): void {
  addCommand(run, program, 'undo', {
    summary: 'Undo a change',
    more: 'Reverts the change and all changes made together with it, as new changes that can be undone too. It is refused if anything that they changed has changed since.',
    examples: ['log', 'undo 42'],
  })
    .addArgument(new Argument('<revision>', 'the revision, as log shows it').argParser(parseRevision))
    .action(
      inContext(run, async (ctx, revision: number) => {
        const client = await ctx.client()
        const undone = await client.changes.revert.mutate({ revision }).catch((error: unknown) => {
          if (isRefusal(error, 'NOT_FOUND'))
            throw new CliError(
              `There is no revision ${revision}, or it is no longer kept. See the revisions: ${ctx.program} log`,
              EXIT.notFound,
            )
          if (isRefusal(error, 'REVISION_CONFLICT'))
            throw new CliError(
              `Revision ${revision}: what it changed has been changed since, so nothing was undone. Undo the later changes first; see them with: ${ctx.program} log`,
              EXIT.conflict,
            )
          throw toCliError(error, ctx, `Revision ${revision}`)
        })
        if (ctx.json) return ctx.screen.json(undone)
        ctx.screen.line(`Undid ${counted(undone.affected, 'change')}. The latest revision is now ${undone.revision}.`)
      }),
    )
}
