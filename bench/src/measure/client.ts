import { join } from 'node:path'
import { bundle } from '../../../packages/client/scripts/bundle.ts'
import { createFrontEnd, type TypeCost } from '../../../packages/client/scripts/front-end.ts'
import { PAGE, pageOfProcedures } from '../../../packages/client/scripts/type-cost.ts'

/** The cost of the client in a front end. */
export interface ClientCost {
  /** Bytes of the whole client in a browser bundle, after gzip. */
  gzipped: number
  /** Type check of a page with calls of every kind. */
  page: TypeCost
  /** Type check of a page that uses 100 procedures. */
  procedures: TypeCost
}

export async function measureClient(): Promise<ClientCost> {
  const { gzipped } = await bundle(join(import.meta.dirname, '../../../packages/client/src/index.ts'))
  await using frontEnd = await createFrontEnd()
  // The first check only warms the file cache.
  await frontEnd.check(PAGE)
  return { gzipped, page: await frontEnd.check(PAGE), procedures: await frontEnd.check(pageOfProcedures(100)) }
}
