/** For tests: runs the program in this process, with its own home directory, terminal and clock. */
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

export interface CallOptions {
  stdin?: string | Uint8Array | Input
  env?: Record<string, string>
  /** The terminal's columns; undefined for a pipe. */
  columns?: number
  now?: string
  /** The computer's time zone; UTC by default. */
  timeZone?: string
  /** Called with each text written to standard output. */
  onOut?(text: string): void
}

export interface Terminal extends AsyncDisposable {
  home: string
  env: Record<string, string>
  /** Runs a command line, such as `call('list', '--all')`. */
  call(...args: string[]): Promise<Result>
  /** The same with other settings. */
  with(options: CallOptions): (...args: string[]) => Promise<Result>
  /** Runs a command line with --json and returns the parsed output. Throws if it fails. */
  json<T>(...args: string[]): Promise<T>
}

/** Creates an output that collects what is written to it. */
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
  const callWith =
    ({ stdin = '', env: more = {}, columns, now, timeZone = 'UTC', onOut }: CallOptions) =>
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
    call: callWith({}),
    with: callWith,
    async json<T>(...args: string[]) {
      const { code, out, err } = await callWith({})(...args, '--json')
      if (code !== 0) throw new Error(`taskwire ${args.join(' ')} failed with ${code}: ${err}`)
      // The caller states the type, and its assertions check it.
      return JSON.parse(out) as T
    },
    [Symbol.asyncDispose]: async () => await rm(home, { recursive: true, force: true }),
  }
}
