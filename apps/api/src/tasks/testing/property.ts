import fc from 'fast-check'

/**
 * Tries a property with random inputs. A failure prints its seed and path; TASKWIRE_SEED replays it.
 */
export async function holds<T>(property: fc.IAsyncProperty<T>, numRuns: number): Promise<void> {
  const given = process.env['TASKWIRE_SEED']
  await fc.assert(property, { numRuns, ...(given === undefined ? {} : { seed: Number(given) }) })
}
