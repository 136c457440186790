import fc from 'fast-check'

/** Checks a property with random inputs, drawn from TASKWIRE_SEED. A failure prints its seed and path. */
export async function checkProperty<T>(property: fc.IAsyncProperty<T>, numRuns: number): Promise<void> {
  await fc.assert(property, { numRuns, seed: Number(process.env['TASKWIRE_SEED']) })
}
