import { join } from 'node:path'
import { bundle } from '../../../packages/client/scripts/bundle.ts'
import { createFrontEnd, type TypeCost } from '../../../packages/client/scripts/front-end.ts'
import { PAGE, pageOfProcedures } from '../../../packages/client/scripts/type-cost.ts'

/** What a front end pays for the client. */
export interface ClientCost {
  /** Bytes of all of it in a browser's bundle, after gzip. */
  gzipped: number
  /** Type checks: of a page that makes calls of every kind, and of one that uses each of 100 procedures. */
  page: TypeCost
  procedures: TypeCost
}

export async function measureClient(): Promise<ClientCost> {
  const { gzipped } = await bundle(join(import.meta.dirname, '../../../packages/client/src/index.ts'))
  await using frontEnd = await createFrontEnd()
  // The first check finds no file in the system's cache.
  await frontEnd.check(PAGE)
  return { gzipped, page: await frontEnd.check(PAGE), procedures: await frontEnd.check(pageOfProcedures(100)) }
}
