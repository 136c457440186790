import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import type { Context } from './context.ts'
import { CliError, EXIT, Interrupted } from './exit.ts'
import type { Io } from './io.ts'

const silent = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() })

/** Prompts on the terminal and reads a line for each prompt, without echoing it. */
async function ask({ stdin, err }: Io, prompts: readonly string[]): Promise<string[]> {
  const lines = createInterface({ input: stdin, output: silent(), terminal: true, historySize: 0 })
  const answers: string[] = []
  try {
    await new Promise<void>((resolve, reject) => {
      const next = (): void => {
        const prompt = prompts[answers.length]
        if (prompt === undefined) resolve()
        else err.write(prompt)
      }
      lines.on('line', (line) => {
        err.write('\n')
        answers.push(line)
        next()
      })
      // SIGINT is Ctrl-C; close is Ctrl-D or the end of the input.
      for (const event of ['SIGINT', 'close'] as const)
        lines.on(event, () => {
          lines.removeAllListeners('line')
          reject(new Interrupted())
        })
      next()
    })
    return answers
  } catch (error) {
    err.write('\n')
    throw error
  } finally {
    for (const event of ['line', 'SIGINT', 'close'] as const) lines.removeAllListeners(event)
    lines.close()
  }
}

/** Reads all of standard input. */
export async function readAll(stdin: Io['stdin']): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stdin) chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)
  return Buffer.concat(chunks)
}

/** Reads the password from standard input, without a final line end, or prompts for it: twice if it is new. */
export async function readPassword(
  ctx: Context,
  { fromStdin, isNew }: { fromStdin: boolean; isNew: boolean },
): Promise<string> {
  const { io, program } = ctx
  if (fromStdin) {
    const password = (await readAll(io.stdin)).toString('utf8').replace(/\r?\n$/u, '')
    if (password !== '') return password
    throw new CliError(
      'Standard input holds no password. Pipe it in, for example: … --password-stdin < file',
      EXIT.usage,
    )
  }
  if (io.stdin.isTTY !== true)
    throw new CliError(
      `The password cannot be asked for, since there is no terminal. Pipe it in: ${program} … --password-stdin`,
      EXIT.usage,
    )
  const [password = '', again = ''] = await ask(
    io,
    isNew ? ['New password (8 characters or more): ', 'Repeat it: '] : ['Password: '],
  )
  if (isNew && password !== again)
    throw new CliError('The two passwords differ, so nothing was done. Run the command again.', EXIT.failed)
  return password
}
