import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'

/** The process and all that it has started, the process first. */
export async function familyOf(pid: number): Promise<number[]> {
  const parents = process.platform === 'linux' ? await parentsOnLinux() : await parentsByPs()
  const family = [pid]
  // It grows while it is gone through.
  for (const parent of family) for (const [child, of] of parents) if (of === parent) family.push(child)
  return family
}

async function parentsOnLinux(): Promise<Map<number, number>> {
  const parents = new Map<number, number>()
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    // Its name, in brackets, may hold anything; behind it come the state and the parent.
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')
    const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (parent !== undefined) parents.set(Number(name), Number(parent))
  }
  return parents
}

async function parentsByPs(): Promise<Map<number, number>> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid='])
  const lines = stdout.trim().split('\n')
  return new Map(lines.map((line) => line.trim().split(/\s+/).map(Number) as [number, number]))
}

/** Sends it to each that is still there. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals | 0): number {
  let reached = 0
  for (const pid of pids)
    try {
      process.kill(pid, signal)
      reached++
    } catch {
      // It has ended.
    }
  return reached
}

/** Looks until it holds. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 120_000): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Waited ${withinMs / 1000} s for ${what}`)
    await pause(20)
  }
}
