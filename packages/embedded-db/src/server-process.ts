import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { serverEnvironment } from './command.ts'
import { failure, messageOf } from './failure.ts'
import type { Launcher } from './launcher.ts'
import { keepLogBounded } from './server-log.ts'
import type { ServerLog } from './server-log.ts'

export interface ServerProcess {
  pid: number
  /** resolves when the process has ended, with how */
  exited: Promise<string>
  hasExited(): boolean
  /** fast shutdown, after 10 s an immediate one; resolves when the process has ended */
  stop(): Promise<void>
}

export interface ServerCommand {
  binDirectory: string
  launcher: Launcher
  data: string
  port: number
  /** from `serverArguments` */
  settings: readonly string[]
}

const FAST_SHUTDOWN = 'SIGINT'
const IMMEDIATE_SHUTDOWN = 'SIGQUIT'
const PATIENCE_MS = 10_000

/** Starts the server. It does not keep this process alive, and is stopped with it where possible. */
export async function startServerProcess(command: ServerCommand, log: ServerLog): Promise<ServerProcess> {
  const postgres = join(command.binDirectory, 'postgres')
  const [program = postgres, ...args] = [
    ...command.launcher.prefix,
    postgres,
    '-D',
    command.data,
    '-p',
    String(command.port),
    ...command.settings,
  ]
  const child = spawn(program, args, {
    cwd: '/',
    env: serverEnvironment(),
    stdio: ['ignore', log.file.fd, log.file.fd],
    // A Ctrl-C is for this process, which may still need the database to end well.
    detached: true,
  })
  // Before the first wait: this process may end in it.
  const { server, release } = handleOf(child, command.launcher.stopsWithParent, log)
  try {
    await once(child, 'spawn')
  } catch (error) {
    release()
    throw failure(
      {
        what: `starting ${program}`,
        why: messageOf(error),
        remedy: 'Remove the cause and start again',
      },
      error,
    )
  }
  child.unref()
  return server
}

function handleOf(
  child: ChildProcess,
  stopsWithParent: boolean,
  log: ServerLog,
): { server: ServerProcess; release(): void } {
  const endKeeping = keepLogBounded(log.path)
  // Where the kernel does not do it, at least an orderly exit of this process stops the server.
  const stopNow = (): void => void child.kill(FAST_SHUTDOWN)
  if (!stopsWithParent) process.once('exit', stopNow)
  function release(): void {
    process.removeListener('exit', stopNow)
    void endKeeping()
  }
  const hasExited = (): boolean => child.exitCode !== null || child.signalCode !== null
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      release()
      resolve(signal ? `ended by ${signal}` : `ended with code ${code}`)
    })
  })
  async function stop(): Promise<void> {
    if (hasExited()) return await endKeeping()
    child.ref()
    child.kill(FAST_SHUTDOWN)
    const timer = setTimeout(() => child.kill(IMMEDIATE_SHUTDOWN), PATIENCE_MS)
    await exited
    clearTimeout(timer)
    await endKeeping()
  }
  return { server: { pid: child.pid ?? 0, exited, hasExited, stop }, release }
}
