import { createClient, type SignedIn, SignInError, signIn, signOut, signUp } from '@taskwire/client'
import type { Command } from 'commander'
import { zoneNote, zoneOfComputer } from '../account-zone.ts'
import { isUnencrypted } from '../address.ts'
import { addCommand, inContext, type Run } from '../command.ts'
import type { Context } from '../context.ts'
import { withoutSession, withSession, writeCredentials } from '../credentials.ts'
import { EXIT } from '../exit.ts'
import { throwAbout } from '../failure.ts'
import { readPassword } from '../password.ts'

interface SignInOptions {
  passwordStdin?: boolean
  name?: string
}

const PASSWORD_STDIN = ['--password-stdin', 'read the password from standard input'] as const

export function addSignUp(run: Run, program: Command): void {
  addCommand(run, program, 'sign-up', {
    summary: 'Create an account and sign in',
    more: "Asks for a password without showing it. The account gets this computer's time zone; account --time-zone changes it.",
    examples: ['sign-up you@example.com', 'sign-up you@example.com --name "Ada" --password-stdin < password.txt'],
  })
    .argument('<email>')
    .option('--name <name>', 'your name (default: the part before the @)')
    .option(...PASSWORD_STDIN)
    .action(
      inContext(run, async (ctx, email: string, options: SignInOptions) => {
        const password = await readSignInPassword(ctx, options, { isNew: true })
        const name = options.name ?? (email.replace(/@.*$/u, '') || email)
        const timeZone = zoneOfComputer(ctx.io) ?? 'UTC'
        const signedIn = await signUp({ url: ctx.url, email, password, name, timeZone }).catch(throwAbout(ctx, email))
        await storeSession(ctx, signedIn, 'Created an account and signed in')
        if (zoneOfComputer(ctx.io) === undefined)
          ctx.screen.note(
            `This computer's time zone has no name, so the account's is UTC. To change it: ${ctx.program} account --time-zone Europe/Berlin`,
          )
      }),
    )
}

export function addLogin(run: Run, program: Command): void {
  addCommand(run, program, 'login', {
    summary: 'Sign in',
    more: 'Asks for the password without showing it. The session, and the URL given with --url, are stored for later commands.',
    examples: [
      'login you@example.com',
      'login you@example.com --url https://tasks.example.com',
      'login you@example.com --password-stdin < password.txt',
    ],
  })
    .argument('<email>')
    .option(...PASSWORD_STDIN)
    .action(
      inContext(run, async (ctx, email: string, options: SignInOptions) => {
        const password = await readSignInPassword(ctx, options, { isNew: false })
        const signedIn = await signIn({ url: ctx.url, email, password }).catch(throwAbout(ctx, email))
        await storeSession(ctx, signedIn, 'Signed in')
      }),
    )
}

export function addLogout(run: Run, program: Command): void {
  addCommand(run, program, 'logout', {
    summary: 'Sign out',
    more: 'Ends the session and removes it from this computer.',
    examples: ['logout', 'logout --url https://tasks.example.com'],
  }).action(
    inContext(run, async (ctx) => {
      const { screen, url, credentialsPath } = ctx
      const session = await ctx.session()
      if (session !== undefined) {
        await writeCredentials(credentialsPath, withoutSession(await ctx.readStored(), url))
        try {
          await signOut({ url, token: session.token })
        } catch (error) {
          // 401: the session has ended already.
          if (!(error instanceof SignInError)) throw error
          if (error.status !== 401) {
            ctx.exitCode = EXIT.failed
            screen.fail(
              `The session was removed from this computer, but ${url} could not be reached to end it: there it expires within seven days.`,
            )
          }
        }
      }
      if (ctx.json) screen.json({ url, signedOut: session !== undefined })
      else screen.line(session === undefined ? `Not signed in at ${url}; nothing to do.` : `Signed out of ${url}.`)
      if (ctx.io.env['TASKWIRE_TOKEN']) screen.warn('TASKWIRE_TOKEN is set: commands keep using it until you unset it.')
    }),
  )
}

export function addWhoami(run: Run, program: Command): void {
  addCommand(run, program, 'whoami', {
    summary: 'Show who is signed in, and where',
    examples: ['whoami', 'whoami --json'],
  }).action(
    inContext(run, async (ctx) => {
      const client = await ctx.client()
      const account = await client.me.get.query()
      if (ctx.json) return ctx.screen.json({ url: ctx.url, ...account })
      ctx.screen.line(`${account.name} <${account.email}>`)
      ctx.screen.line(`at ${ctx.url}, in the time zone ${account.timeZone}`)
    }),
  )
}

async function storeSession(ctx: Context, { token, user }: SignedIn, outcome: string): Promise<void> {
  const { screen, url, credentialsPath, io } = ctx
  const { id, email, name } = user
  await writeCredentials(
    credentialsPath,
    withSession(await ctx.readStored(), url, { token, user: { id, email, name } }),
  )
  if (ctx.json) screen.json({ url, user: { id, email, name } })
  else screen.line(`${outcome}: ${email} at ${url}.`)
  // The sign-in succeeded even if the account cannot be read now.
  const account = await createClient({ url, token })
    .me.get.query()
    .catch(() => null)
  const note = account === null ? null : zoneNote(ctx, account.timeZone)
  if (note !== null) screen.note(note)
  if (io.env['TASKWIRE_TOKEN'])
    screen.warn('TASKWIRE_TOKEN is set: it is used instead of this sign-in until you unset it.')
}

async function readSignInPassword(
  ctx: Context,
  { passwordStdin }: SignInOptions,
  { isNew }: { isNew: boolean },
): Promise<string> {
  // Reading the file makes the command fail before the sign-in if the session could not be stored.
  await ctx.readStored()
  if (isUnencrypted(ctx.url))
    ctx.screen.warn(
      `The connection to ${ctx.url} is not encrypted: others on the network can read the password. Use an https URL.`,
    )
  return await readPassword(ctx, { fromStdin: passwordStdin === true, isNew })
}
