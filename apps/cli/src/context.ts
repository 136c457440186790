import { type Client, createClient } from '@taskwire/client'
import { DEFAULT_URL, readUrl } from './address.ts'
import { credentialsPath, readCredentials, type Stored, type StoredSession } from './credentials.ts'
import { CliError, EXIT, type ExitCode } from './exit.ts'
import { type Io, programName } from './io.ts'
import { createScreen, type Screen } from './screen.ts'

/** The options that every command takes. */
export interface GlobalOptions {
  json?: boolean
  color?: boolean
  url?: string
}

/** Everything that a command needs. */
export interface Context {
  io: Io
  /** How the user calls this program, for messages. */
  program: string
  screen: Screen
  /** Write only JSON to standard output. */
  json: boolean
  /** The URL of the service. */
  url: string
  credentialsPath: string
  /** The exit code of a run that throws nothing. */
  exitCode: ExitCode
  readStored(): Promise<Stored>
  /** The stored login at this service. */
  session(): Promise<StoredSession | undefined>
  /** The token of TASKWIRE_TOKEN or of the stored login. Throws a CliError if there is none. */
  token(): Promise<string>
  client(): Promise<Client>
}

// Rate limits are per minute, so no call has to wait longer.
const MAX_WAIT_SECONDS = 61
/** Shorter waits are not reported. */
const MIN_REPORTED_WAIT_SECONDS = 3

export async function createContext(io: Io, options: GlobalOptions): Promise<Context> {
  const { env } = io
  const path = credentialsPath(env)
  const screen = createScreen(io, options.color !== false)
  let stored: Promise<Stored> | undefined
  const readStored = async (): Promise<Stored> => await (stored ??= readCredentials(path))
  const url = await chooseUrl(options, env, readStored)
  const program = programName(env)

  const session = async (): Promise<StoredSession | undefined> => (await readStored()).sessions[url]
  const token = async (): Promise<string> => {
    const found = env['TASKWIRE_TOKEN'] || (await session())?.token
    if (found) return found
    throw new CliError(
      `Not signed in at ${url}. Sign in with: ${program} login you@example.com (or create an account: ${program} sign-up you@example.com), or set TASKWIRE_TOKEN.`,
      EXIT.notSignedIn,
    )
  }

  async function fetchReportingWaits(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const response = await fetch(input, init)
    const seconds = Number(response.headers.get('retry-after') ?? 0)
    if (seconds >= MIN_REPORTED_WAIT_SECONDS && seconds <= MAX_WAIT_SECONDS)
      screen.note(`The service asks to wait: retrying in ${seconds} s.`)
    return response
  }

  return {
    io,
    program,
    screen,
    json: options.json === true,
    url,
    credentialsPath: path,
    exitCode: EXIT.ok,
    readStored,
    session,
    token,
    async client() {
      return createClient({
        url,
        token: await token(),
        actingAs: env['TASKWIRE_USER'] || undefined,
        space: env['TASKWIRE_SPACE'] || undefined,
        retry: { maxDelayMs: MAX_WAIT_SECONDS * 1000 },
        fetch: fetchReportingWaits,
      })
    },
  }
}

async function chooseUrl({ url }: GlobalOptions, env: Io['env'], readStored: () => Promise<Stored>): Promise<string> {
  if (url !== undefined) return readUrl(url, '--url')
  const configured = env['TASKWIRE_URL']
  if (configured) return readUrl(configured, 'TASKWIRE_URL')
  // With TASKWIRE_TOKEN, the credentials file is not needed, so a damaged file is no error.
  if (env['TASKWIRE_TOKEN']) return (await readStored().catch(() => null))?.current ?? DEFAULT_URL
  return (await readStored()).current ?? DEFAULT_URL
}
