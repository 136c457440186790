import { fork, type ChildProcess } from 'node:child_process'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { canPin } from '../measure/pinning.ts'
import type { Job, Measured, Reply } from './job.ts'

/** The load generator's process, which lives for the whole run so that it is warm. */
export interface Generator extends AsyncDisposable {
  run(job: Job): Promise<Measured>
}

export function startGenerator(): Generator {
  const child: ChildProcess = fork(fileURLToPath(new URL('generator.ts', import.meta.url)))
  // It has a channel to this process, which taskset as its parent would cut.
  if (canPin) spawnSync('taskset', ['-a', '-c', '-p', '1', String(child.pid)], { stdio: 'ignore' })
  return {
    async run(job) {
      const { promise, resolve, reject } = Promise.withResolvers<Measured>()
      const onMessage = (reply: Reply): void => (reply.ok ? resolve(reply.measured) : reject(new Error(reply.why)))
      const onExit = (): void => reject(new Error('The load generator ended; its last words are above.'))
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
