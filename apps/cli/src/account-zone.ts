import type { Client } from '@taskwire/client'
import { isTimeZone } from '@taskwire/contract/time-zone'
import type { Context } from './context.ts'
import { formatTime, needsZone, type When } from './due.ts'
import { CliError, EXIT } from './exit.ts'
import { unlessRefused } from './failure.ts'
import type { Io } from './io.ts'

/** Reads the account's time zone; undefined if the key cannot read the account. */
export async function readZone(client: Client): Promise<string | undefined> {
  return (await unlessRefused(client.me.get.query(), 'FORBIDDEN'))?.timeZone
}

/** Returns the time zone of days and times on the command line: `given`, or else the account's. */
export async function zoneFor(client: Client, given: string | undefined, whens: readonly When[]): Promise<string> {
  if (given !== undefined) return given
  if (!whens.some(needsZone)) return 'UTC'
  const zone = await readZone(client)
  if (zone !== undefined) return zone
  throw new CliError(
    "This key cannot read the account's time zone. Name the zone that you mean: --time-zone Europe/Berlin",
    EXIT.usage,
  )
}

/** This computer's time zone; undefined if the service would not accept it. */
export function zoneOfComputer({ timeZone }: Io): string | undefined {
  return timeZone !== undefined && isTimeZone(timeZone) ? timeZone : undefined
}

/** Returns a note if the account's time zone and this computer's differ at some time of the year; otherwise null. */
export function zoneNote({ io, program }: Context, accountZone: string): string | null {
  const timeZone = zoneOfComputer(io)
  if (timeZone === undefined || haveSameOffsets(timeZone, accountZone, io.now())) return null
  return `The account's time zone is ${accountZone}, this computer's is ${timeZone}: days and times are read and shown in ${accountZone}. To change that: ${program} account --time-zone ${timeZone}`
}

/** Compares offsets, since one zone may have several names, and different zones may have the same offsets. */
function haveSameOffsets(one: string, other: string, now: Date): boolean {
  return [0, 3, 6, 9].every((months) => {
    const instant = new Date(now.getTime() + months * 30 * 86_400_000).toISOString()
    return formatTime(instant, one) === formatTime(instant, other)
  })
}
