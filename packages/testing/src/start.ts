import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { connectTaskwire } from './connect.ts'
import { codeOf, failure } from './failure.ts'
import { findNode } from './node.ts'
import { findProgram } from './program.ts'
import type { StartedTaskwire, TaskwireAddress, TaskwireOptions } from './types.ts'

/**
 * The variables that the service inherits. The others may be settings of this process, of coverage or of PostgreSQL.
 */
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'NODE_EXTRA_CA_CERTS']
const STOP_MS = 15_000

/**
 * Starts the service on its own database. The service is a process that ends when this process ends, even if this
 * process is killed. Throws an Error named TaskwireTestingError.
 */
export async function startTaskwire(options: TaskwireOptions = {}): Promise<StartedTaskwire> {
  const databaseUrl = options.databaseUrl ?? process.env['TASKWIRE_TEST_DATABASE_URL']
  const program = findProgram(databaseUrl === undefined)
  const node = await findNode(options.node)
  const child = spawn(node, [program], {
    // Ctrl-C must not end the service before the tests have ended.
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
    windowsHide: true,
    env: Object.fromEntries(INHERITED.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []))),
  })
  const ended = once(child, 'close')
  // `ended` reports that the process is gone.
  child.stdin.on('error', () => {})
  const { timeZone = 'UTC', settings = {} } = options
  child.stdin.write(`${JSON.stringify({ databaseUrl, timeZone, settings })}\n`)
  const address = await readAddress(child.stdout, ended)
  keepAlive(child, false)
  let stopping: Promise<void> | undefined
  const stop = async (): Promise<void> => await (stopping ??= stopProcess(child, ended))
  return { ...connectTaskwire(address), stop, [Symbol.asyncDispose]: stop }
}

async function readAddress(output: Readable, ended: Promise<unknown[]>): Promise<TaskwireAddress> {
  const lines = createInterface(output)
  const gone = ended.then(
    ([code]) => `it ended with code ${String(code)}; read what it printed`,
    (error: unknown) => `it does not run (${String(codeOf(error))})`,
  )
  const first = await Promise.race([once(lines, 'line'), gone])
  if (typeof first === 'string')
    throw failure(`Taskwire's test service: ${first}. Try another Node 22 or later: set TASKWIRE_NODE to its path.`)
  // The program writes either of these.
  const reply = JSON.parse(String(first[0])) as TaskwireAddress | { error: string }
  if ('error' in reply) throw failure(`Taskwire's test service cannot start: ${reply.error}`)
  return reply
}

/** Sets whether the child keeps this process alive. */
function keepAlive(child: ChildProcess, isKept: boolean): void {
  const change = isKept ? 'ref' : 'unref'
  child[change]()
  for (const stream of [child.stdin, child.stdout]) refable(stream)?.[change]()
}

/** The pipes of a child are sockets, though Node's types do not say so. */
function refable(stream: Readable | Writable | null): { ref(): void; unref(): void } | undefined {
  return stream !== null && 'unref' in stream ? (stream as unknown as { ref(): void; unref(): void }) : undefined
}

async function stopProcess(child: ChildProcess, ended: Promise<unknown[]>): Promise<void> {
  keepAlive(child, true)
  child.stdin?.end()
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  await ended
  clearTimeout(timer)
}
