import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { serverEnvironment } from './command.ts'
import { failure, messageOf } from './failure.ts'
import type { Launcher } from './launcher.ts'
import { limitLogSize, type ServerLog } from './server-log.ts'

export interface ServerProcess {
  pid: number
  /** Resolves with a description, such as `exited with code 1`, when the process has ended. */
  exited: Promise<string>
  hasExited(): boolean
  /** Shuts down in fast mode, and after 10 s in immediate mode. Resolves when the process has ended. */
  stop(): Promise<void>
}

export interface ServerCommand {
  binDirectory: string
  launcher: Launcher
  data: string
  port: number
  /** From `serverArguments`. */
  settings: readonly string[]
}

const FAST_SHUTDOWN = 'SIGINT'
const IMMEDIATE_SHUTDOWN = 'SIGQUIT'
const FAST_SHUTDOWN_MS = 10_000

/** Starts the server. The server does not keep this process alive, and where possible stops when this process ends. */
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
    // Ctrl-C must not reach the server: this process may still need it to finish.
    detached: true,
  })
  // Called before the first await, during which this process may end.
  const { server, release } = superviseServer(child, command.launcher.stopsWithParent, log)
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

function superviseServer(
  child: ChildProcess,
  stopsWithParent: boolean,
  log: ServerLog,
): { server: ServerProcess; release(): void } {
  const stopLimiting = limitLogSize(log.path)
  // If the kernel does not stop the server when this process ends, at least an orderly exit of this process stops it.
  const stopNow = (): void => void child.kill(FAST_SHUTDOWN)
  if (!stopsWithParent) process.once('exit', stopNow)
  function release(): void {
    process.removeListener('exit', stopNow)
    void stopLimiting()
  }
  const hasExited = (): boolean => child.exitCode !== null || child.signalCode !== null
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      release()
      resolve(signal ? `was killed by ${signal}` : `exited with code ${code}`)
    })
  })
  async function stop(): Promise<void> {
    if (hasExited()) return await stopLimiting()
    child.ref()
    child.kill(FAST_SHUTDOWN)
    const timer = setTimeout(() => child.kill(IMMEDIATE_SHUTDOWN), FAST_SHUTDOWN_MS)
    await exited
    clearTimeout(timer)
    await stopLimiting()
  }
  return { server: { pid: child.pid ?? 0, exited, hasExited, stop }, release }
}
