import type { Account } from '@taskwire/client'
import type { Command } from 'commander'
import { zoneNote } from '../account-zone.ts'
import { addCommand, inContext, type Run } from '../command.ts'
import type { Context } from '../context.ts'
import { formatTime } from '../due.ts'
import { throwAbout } from '../failure.ts'
import { timeZoneOption } from '../filters.ts'
import { printable, printFields } from '../screen.ts'

interface AccountOptions {
  name?: string
  timeZone?: string
}

export function addAccount(run: Run, program: Command): void {
  addCommand(run, program, 'account', {
    summary: 'Show the account, or change its name or time zone',
    more: 'Days and times on the command line, "today", and times without a zone in imported files are in the account\'s time zone. Changing it leaves the times of existing tasks as they are.',
    examples: ['account', 'account --time-zone Europe/Berlin', 'account --name "Ada Lovelace"'],
  })
    .addOption(timeZoneOption('a new time zone, such as Europe/Berlin'))
    .option('--name <name>', 'a new name')
    .action(
      inContext(run, async (ctx, { name, timeZone }: AccountOptions) => {
        const { me } = await ctx.client()
        const isRead = name === undefined && timeZone === undefined
        const call = isRead ? me.get.query() : me.update.mutate({ name, timeZone })
        const account = await call.catch(throwAbout(ctx, 'The account'))
        if (ctx.json) return ctx.screen.json({ url: ctx.url, ...account })
        printAccount(ctx, account)
        const note = zoneNote(ctx, account.timeZone)
        if (note !== null) ctx.screen.note(note)
      }),
    )
}

function printAccount({ screen, url }: Context, { id, name, email, timeZone, createdAt }: Account): void {
  screen.line(screen.paint('bold', printable(name)))
  printFields(screen, [
    ['E-mail', email ?? 'none'],
    ['Time zone', timeZone],
    ['Created', formatTime(createdAt, timeZone)],
    ['ID', id],
    ['Service', url],
  ])
}
