import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

export type Part = 'server' | 'generator'

const CORE: Record<Part, string> = { server: '0', generator: '1' }

/** Whether processes can be pinned: needs taskset and two cores. */
export const canPin: boolean =
  availableParallelism() >= 2 && spawnSync('taskset', ['-c', '0,1', 'true'], { stdio: 'ignore' }).status === 0

/** Returns the command, pinned to the core of its part if possible. PostgreSQL is not pinned. */
export function pinned(part: Part, command: readonly string[]): [program: string, args: string[]] {
  const [program = '', ...args] = canPin ? ['taskset', '-c', CORE[part], ...command] : command
  return [program, args]
}

export const pinningDescription: string = canPin
  ? 'server on core 0, load generator on core 1, PostgreSQL on both'
  : 'no pinning: taskset or a second core is missing'
