import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'

/** Returns the ids of the process and all its descendants, the process first. */
export async function processTreeOf(pid: number): Promise<number[]> {
  const parents = process.platform === 'linux' ? await parentsOnLinux() : await parentsByPs()
  const tree = [pid]
  // The list grows during the loop.
  for (const ancestor of tree) for (const [child, parent] of parents) if (parent === ancestor) tree.push(child)
  return tree
}

async function parentsOnLinux(): Promise<Map<number, number>> {
  const parents = new Map<number, number>()
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    // The name, in parentheses, may contain anything; the state and the parent follow it.
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

/** Sends the signal to each process that still runs, and returns how many do. Signal 0 only counts them. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals | 0): number {
  let reached = 0
  for (const pid of pids)
    try {
      process.kill(pid, signal)
      reached++
    } catch {
      // The process has ended.
    }
  return reached
}

/** Polls until the condition holds. Throws after `withinMs`. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 120_000): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Waited ${withinMs / 1000} s for ${what}`)
    await pause(20)
  }
}
