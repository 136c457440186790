import { v5 as uuidv5 } from 'uuid'

const NAMESPACE = 'd3d50027-614c-4e04-8424-f67099524669'

/**
 * Returns a mutation id that is derived from a name and a key, so that a job that runs again takes effect once:
 * `mutationId: idFor('invoice-paid', invoice.id)`. `name` says what the mutation does; give each mutation of a job its
 * own name.
 *
 * The id is the UUID v5 of `key` in the namespace that is the UUID v5 of `name` in
 * d3d50027-614c-4e04-8424-f67099524669.
 * @throws TypeError if `name` or `key` is empty or not a string.
 */
export function idFor(name: string, key: string): string {
  requireText('name', name)
  requireText('key', key)
  return uuidv5(key, uuidv5(name, NAMESPACE))
}

/** A missing key would be the same for every job, so that only the first job would take effect. */
function requireText(argument: string, value: unknown): void {
  if (typeof value !== 'string' || value === '')
    throw new TypeError(`The ${argument} of idFor() must be a string that is not empty`)
}
