import { type ChildProcess, fork, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { canPin } from '../measure/pinning.ts'
import type { Warmed } from '../measure/warm-up.ts'
import type { Job, Measured, Reply, Task } from './job.ts'

/** The load generator's process. It lives for the whole run, so that its code is warm. */
export interface Generator extends AsyncDisposable {
  run(job: Job): Promise<Measured>
  /** Sends the job's calls until their rate is steady, for at most `limitMs`. */
  warm(job: Job, limitMs: number): Promise<Warmed>
}

export function startGenerator(): Generator {
  const child: ChildProcess = fork(fileURLToPath(new URL('generator.ts', import.meta.url)))
  // Pinned after the fork: started through taskset, the generator would have no channel to this process.
  if (canPin) spawnSync('taskset', ['-a', '-c', '-p', '1', String(child.pid)], { stdio: 'ignore' })

  async function request(task: Task): Promise<Reply> {
    const { promise, resolve, reject } = Promise.withResolvers<Reply>()
    const onExit = (): void => reject(new Error('The load generator has ended; see its output above.'))
    child.once('message', resolve).once('exit', onExit)
    child.send(task)
    try {
      return await promise
    } finally {
      child.off('message', resolve).off('exit', onExit)
    }
  }
  const failed = (reply: Reply): Error => new Error('reason' in reply ? reply.reason : 'an unexpected reply')
  return {
    async run(job) {
      const reply = await request({ job })
      if (!('measured' in reply)) throw failed(reply)
      return reply.measured
    },
    async warm(job, limitMs) {
      const reply = await request({ job, limitMs })
      if (!('warmed' in reply)) throw failed(reply)
      return reply.warmed
    },
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect()
    },
  }
}
