import type { ProvidedContext } from 'vitest'
import { startTaskwire } from './start.ts'
import type { TaskwireAddress, TaskwireOptions } from './types.ts'

export { connectTaskwire } from './connect.ts'
export type * from './types.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Use it as `connectTaskwire(inject('taskwire'))`; `inject('taskwire').url` is the service's URL. */
    taskwire: TaskwireAddress
  }
}

/** The part of vitest's TestProject that is used here. */
interface Project {
  provide(key: 'taskwire', value: ProvidedContext['taskwire']): void
}

/** Returns a global set-up of vitest that starts one service for the run. */
export function taskwireSetup(options: TaskwireOptions = {}): (project: Project) => Promise<() => Promise<void>> {
  return async (project) => {
    const taskwire = await startTaskwire(options)
    project.provide('taskwire', taskwire.address)
    return taskwire.stop
  }
}

/** The set-up with default options: `globalSetup: '@taskwire/testing/vitest'`. */
const setup: ReturnType<typeof taskwireSetup> = taskwireSetup()
export default setup
