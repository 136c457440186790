import { createClient, type SignedIn, SignInError, signIn, signOut, signUp } from '@taskwire/client'
import type { Command } from 'commander'
import { zoneNote, zoneOfComputer } from '../account-zone.ts'
import { isOpenWire } from '../address.ts'
import { addCommand, type Run, start } from '../command.ts'
import type { Context } from '../context.ts'
import { withoutSession, withSession, writeCredentials } from '../credentials.ts'
import { EXIT } from '../exit.ts'
import { about } from '../failure.ts'
import { readPassword } from '../password.ts'

interface SignInOptions {
  passwordStdin?: boolean
  name?: string
}

const PASSWORD_STDIN = ['--password-stdin', 'read the password from standard input instead of asking'] as const

export function addSignUp(run: Run, program: Command): void {
  addCommand(run, program, 'sign-up', {
    summary: 'Make an account and sign in',
    more: "The password is asked for, and not shown. The account has this computer's time zone: account --time-zone changes it.",
    examples: ['sign-up you@example.com', 'sign-up you@example.com --name "Ada" --password-stdin < password.txt'],
  })
    .argument('<email>')
    .option('--name <name>', 'your name (default: what stands before the @)')
    .option(...PASSWORD_STDIN)
    .action(async (email: string, options: SignInOptions, command: Command) => {
      const ctx = await start(run, command)
      await prepare(ctx)
      const password = await readPassword(ctx, { fromStdin: options.passwordStdin === true, isNew: true })
      const name = options.name ?? (email.replace(/@.*$/u, '') || email)
      const timeZone = zoneOfComputer(ctx.io) ?? 'UTC'
      const signedIn = await signUp({ url: ctx.url, email, password, name, timeZone }).catch((error: unknown) => {
        throw about(email, error, ctx)
      })
      await keep(ctx, signedIn, 'Made an account and signed in')
      if (zoneOfComputer(ctx.io) === undefined)
        ctx.screen.note(
          `This computer's time zone is not known by name, so the account's is UTC. To change that: ${ctx.program} account --time-zone Europe/Berlin`,
        )
    })
}

export function addLogin(run: Run, program: Command): void {
  addCommand(run, program, 'login', {
    summary: 'Sign in',
    more: 'The password is asked for, and not shown. The session is kept for the commands that follow; `--url` says where, and is kept too.',
    examples: [
      'login you@example.com',
      'login you@example.com --url https://tasks.example.com',
      'login you@example.com --password-stdin < password.txt',
    ],
  })
    .argument('<email>')
    .option(...PASSWORD_STDIN)
    .action(async (email: string, options: SignInOptions, command: Command) => {
      const ctx = await start(run, command)
      await prepare(ctx)
      const password = await readPassword(ctx, { fromStdin: options.passwordStdin === true, isNew: false })
      const signedIn = await signIn({ url: ctx.url, email, password }).catch((error: unknown) => {
        throw about(email, error, ctx)
      })
      await keep(ctx, signedIn, 'Signed in')
    })
}

export function addLogout(run: Run, program: Command): void {
  addCommand(run, program, 'logout', {
    summary: 'Sign out',
    more: 'The session ends, and what was kept of it is erased.',
    examples: ['logout', 'logout --url https://tasks.example.com'],
  }).action(async (_options: object, command: Command) => {
    const ctx = await start(run, command)
    const { screen, url, credentialsPath } = ctx
    const session = await ctx.session()
    if (session !== undefined) {
      await writeCredentials(credentialsPath, withoutSession(await ctx.readStored(), url))
      try {
        await signOut({ url, token: session.token })
      } catch (error) {
        // One that has ended already needs no ending.
        if (!(error instanceof SignInError)) throw error
        if (error.status !== 401) {
          ctx.exitCode = EXIT.failed
          screen.fail(`The session was forgotten here, but ${url} could not be told: there it lasts up to seven days.`)
        }
      }
    }
    if (ctx.json) screen.json({ url, signedOut: session !== undefined })
    else screen.line(session === undefined ? `Not signed in at ${url}; nothing to do.` : `Signed out of ${url}.`)
    if (ctx.io.env['TASKWIRE_TOKEN']) screen.warn('TASKWIRE_TOKEN is set: commands go on with it until you unset it.')
  })
}

export function addWhoami(run: Run, program: Command): void {
  addCommand(run, program, 'whoami', {
    summary: 'Show who is signed in, and where',
    examples: ['whoami', 'whoami --json'],
  }).action(async (_options: object, command: Command) => {
    const ctx = await start(run, command)
    const client = await ctx.client()
    const account = await client.me.get.query()
    if (ctx.json) return ctx.screen.json({ url: ctx.url, ...account })
    ctx.screen.line(`${account.name} <${account.email}>`)
    ctx.screen.line(`at ${ctx.url}, in the time zone ${account.timeZone}`)
  })
}

async function keep(ctx: Context, { token, user }: SignedIn, done: string): Promise<void> {
  const { screen, url, credentialsPath, io } = ctx
  const { id, email, name } = user
  await writeCredentials(
    credentialsPath,
    withSession(await ctx.readStored(), url, { token, user: { id, email, name } }),
  )
  if (ctx.json) screen.json({ url, user: { id, email, name } })
  else screen.line(`${done}: ${email} at ${url}.`)
  // Signed in all the same where the account cannot be read now.
  const account = await createClient({ url, token })
    .me.get.query()
    .catch(() => null)
  const note = account === null ? null : zoneNote(ctx, account.timeZone)
  if (note !== null) screen.note(note)
  if (io.env['TASKWIRE_TOKEN'])
    screen.warn('TASKWIRE_TOKEN is set: it is used instead of this sign-in until you unset it.')
}

// What would keep the session from being kept is told before there is one.
async function prepare({ screen, url, readStored }: Context): Promise<void> {
  await readStored()
  if (isOpenWire(url))
    screen.warn(`${url} is not encrypted: the password can be read on its way. Prefer an https address.`)
}
