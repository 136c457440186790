import { readdirSync, readFileSync } from 'node:fs'

// The CPU time of other processes is read from /proc, so it is measured only on Linux.
const TICK_US = 10_000

interface Stat {
  parent: number
  ownUs: number
  childrenUs: number
}

function statOf(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name may contain blanks and parentheses: fields are counted after it.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const ticks = (at: number): number => Number(fields[at]) * TICK_US
    return { parent: Number(fields[1]), ownUs: ticks(11) + ticks(12), childrenUs: ticks(13) + ticks(14) }
  } catch {
    return undefined
  }
}

/** User and system CPU time of a process, in microseconds. */
export function cpuOfProcess(pid: number): number {
  return statOf(pid)?.ownUs ?? 0
}

/** CPU time of a process and its children, including those that have ended, in microseconds. */
export function cpuOfTree(pid: number): number {
  for (;;) {
    const before = statOf(pid)
    const running = cpuOfChildren(pid)
    const after = statOf(pid)
    if (before === undefined || after === undefined) return 0
    // If a child has ended in between, it would count twice or not at all: read again.
    if (before.childrenUs === after.childrenUs) return after.ownUs + after.childrenUs + running
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

/** Resident memory of a process, in MiB. */
export function memoryOf(pid: number): number {
  try {
    const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))
    return Number(kib?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}

/** CPU times of the machine since its start, in ticks of all cores. */
export interface CpuTimes {
  total: number
  /** Time in which the host ran other machines. */
  steal: number
}

export function readCpuTimes(): CpuTimes {
  try {
    return parseCpuTimes(readFileSync('/proc/stat', 'latin1'))
  } catch {
    return { total: 0, steal: 0 }
  }
}

/** Parses /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal; times of guests are part of user. */
export function parseCpuTimes(stat: string): CpuTimes {
  const ticks = /^cpu +(.*)$/m.exec(stat)?.[1]?.split(' ').map(Number).slice(0, 8) ?? []
  return { total: ticks.reduce((sum, one) => sum + one, 0), steal: ticks[7] ?? 0 }
}

/** The share of the CPU time between two readings that the host gave to others. */
export function stealShare(before: CpuTimes, after: CpuTimes): number {
  return (after.steal - before.steal) / Math.max(1, after.total - before.total)
}
