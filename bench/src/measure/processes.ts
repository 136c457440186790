import { readdirSync, readFileSync } from 'node:fs'

/** What Linux says of processes; there is no other way to the CPU time of somebody else's. */
const TICK_US = 10_000

interface Stat {
  parent: number
  ownUs: number
  childrenUs: number
}

function statOf(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name may hold blanks and brackets: fields are counted from behind it.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const ticks = (at: number): number => Number(fields[at]) * TICK_US
    return { parent: Number(fields[1]), ownUs: ticks(11) + ticks(12), childrenUs: ticks(13) + ticks(14) }
  } catch {
    return undefined
  }
}

/** CPU time that a process has used, user and system, in microseconds. */
export function cpuOfProcess(pid: number): number {
  return statOf(pid)?.ownUs ?? 0
}

/** That of a process, of all that it has started, and of what has ended meanwhile. */
export function cpuOfFamily(pid: number): number {
  for (;;) {
    const before = statOf(pid)
    const living = cpuOfChildren(pid)
    const after = statOf(pid)
    if (before === undefined || after === undefined) return 0
    // One that ended in between would be counted twice, or not at all.
    if (before.childrenUs === after.childrenUs) return after.ownUs + after.childrenUs + living
  }
}

function cpuOfChildren(parent: number): number {
  let sum = 0
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const stat = statOf(Number(name))
    if (stat?.parent === parent) sum += stat.ownUs
  }
  return sum
}

/** Memory that a process holds, in MiB. */
export function memoryOf(pid: number): number {
  try {
    const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))
    return Number(kib?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}
