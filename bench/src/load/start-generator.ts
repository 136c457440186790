import { fork, type ChildProcess } from 'node:child_process'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { canPin } from '../measure/pinning.ts'
import type { Job, Measured, Reply } from './job.ts'

/** The load generator's process. It lives for the whole run, so that its code is warm. */
export interface Generator extends AsyncDisposable {
  run(job: Job): Promise<Measured>
}

export function startGenerator(): Generator {
  const child: ChildProcess = fork(fileURLToPath(new URL('generator.ts', import.meta.url)))
  // Pinned after the fork: taskset as the program would cut its channel to this process.
  if (canPin) spawnSync('taskset', ['-a', '-c', '-p', '1', String(child.pid)], { stdio: 'ignore' })
  return {
    async run(job) {
      const { promise, resolve, reject } = Promise.withResolvers<Measured>()
      const onMessage = (reply: Reply): void => (reply.ok ? resolve(reply.measured) : reject(new Error(reply.reason)))
      const onExit = (): void => reject(new Error('The load generator has ended; see its output above.'))
      child.once('message', onMessage).once('exit', onExit)
      child.send(job)
      try {
        return await promise
      } finally {
        child.off('message', onMessage).off('exit', onExit)
      }
    },
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect()
    },
  }
}
