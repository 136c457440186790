/** For tests: the program run in this process, with a home, a terminal and a clock of its own. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { ExitCode } from '../exit.ts'
import type { Input, Io } from '../io.ts'
import { run } from '../run.ts'

export interface Result {
  code: ExitCode
  out: string
  err: string
}

export interface Calling {
  stdin?: string | Uint8Array | Input
  env?: Record<string, string>
  /** Columns of a terminal; without them the output is a pipe. */
  columns?: number
  now?: string
  /** Of the system; UTC without it. */
  timeZone?: string
  /** Told what it writes to standard output, as it does. */
  onOut?(text: string): void
}

export interface Terminal extends AsyncDisposable {
  home: string
  env: Record<string, string>
  /** Runs a command line, such as `call('list', '--all')`. */
  call(...args: string[]): Promise<Result>
  /** The same, with more said about how. */
  with(how: Calling): (...args: string[]) => Promise<Result>
  /** Runs it with --json and gives what it wrote. Throws unless it went well. */
  json<T>(...args: string[]): Promise<T>
}

/** Keeps what is written to it. */
export function createSink(
  columns?: number,
  onText: (text: string) => void = () => {},
): { text: string; output: Io['out'] } {
  const sink = {
    text: '',
    output: {
      write: (text: string) => {
        sink.text += text
        onText(text)
      },
      ...(columns === undefined ? {} : { isTTY: true, columns }),
    },
  }
  return sink
}

export async function openTerminal(env: Record<string, string> = {}): Promise<Terminal> {
  const home = await mkdtemp(join(tmpdir(), 'taskwire-cli-'))
  const base = { HOME: home, ...env }
  const calling =
    ({ stdin = '', env: more = {}, columns, now, timeZone = 'UTC', onOut }: Calling) =>
    async (...args: string[]): Promise<Result> => {
      const [out, err] = [createSink(columns, onOut), createSink(columns)]
      const code = await run(args, {
        env: { ...base, ...more },
        cwd: home,
        stdin: typeof stdin === 'string' || stdin instanceof Uint8Array ? Readable.from([Buffer.from(stdin)]) : stdin,
        out: out.output,
        err: err.output,
        now: () => (now === undefined ? new Date() : new Date(now)),
        timeZone,
      })
      return { code, out: out.text, err: err.text }
    }
  return {
    home,
    env: base,
    call: calling({}),
    with: calling,
    async json<T>(...args: string[]) {
      const { code, out, err } = await calling({})(...args, '--json')
      if (code !== 0) throw new Error(`taskwire ${args.join(' ')} ended with ${code}: ${err}`)
      // What it is the caller says, and the test shows.
      return JSON.parse(out) as T
    },
    [Symbol.asyncDispose]: async () => await rm(home, { recursive: true, force: true }),
  }
}
