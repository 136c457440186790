import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

export type Part = 'server' | 'generator'

const CORE: Record<Part, string> = { server: '0', generator: '1' }

/** Whether processes can be given a core each: Linux with taskset, and two cores. */
export const canPin: boolean =
  availableParallelism() >= 2 && spawnSync('taskset', ['-c', '0,1', 'true'], { stdio: 'ignore' }).status === 0

/** The command, on the core of its part where that can be. PostgreSQL falls where the kernel puts it. */
export function pinned(part: Part, command: readonly string[]): [program: string, args: string[]] {
  const [program = '', ...args] = canPin ? ['taskset', '-c', CORE[part], ...command] : command
  return [program, args]
}

export const pinningInWords: string = canPin
  ? 'server on core 0, load generator on core 1, PostgreSQL on both'
  : 'nothing is pinned: taskset or a second core is missing'
