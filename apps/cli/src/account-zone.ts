import { type Client, failureOf } from '@taskwire/client'
import { CliError, EXIT } from './exit.ts'
import { needsZone, type When } from './due.ts'

/** The account's time zone; undefined where the key may not read the account. */
export async function readZone(client: Client): Promise<string | undefined> {
  try {
    return (await client.me.get.query()).timeZone
  } catch (error) {
    if (failureOf(error).appCode === 'FORBIDDEN') return undefined
    throw error
  }
}

/** The zone by which days and times of the command line are meant: the one given, or the account's. */
export async function zoneFor(client: Client, given: string | undefined, whens: readonly When[]): Promise<string> {
  if (given !== undefined) return given
  if (!whens.some(needsZone)) return 'UTC'
  const zone = await readZone(client)
  if (zone !== undefined) return zone
  throw new CliError(
    'This key may not read the time zone of the account. Say which is meant: --time-zone Europe/Berlin',
    EXIT.usage,
  )
}
