import { namingCredential } from '@taskwire/db'
import type { CallContext } from '../context.ts'

interface Named {
  id?: string | undefined
  externalId?: string | undefined
}

const HASH_BYTES = 32
const NIL = '00000000-0000-0000-0000-000000000000'

/**
 * Returns the context of a call on the account that the input names: the service key acts for that account. Without
 * `id` and `externalId`, no account is named. If the headers name a user already, the context names a user both by id
 * and by external id, which the database refuses.
 */
export function asNamed(ctx: CallContext, { id, externalId }: Named = {}): CallContext {
  const { credential, actingAs } = ctx.caller
  const hasExternal = credential.length > HASH_BYTES
  const isNamed = actingAs !== null || hasExternal
  const named = isNamed ? '' : externalId
  return {
    ...ctx,
    caller: {
      ...ctx.caller,
      actingAs: isNamed ? (actingAs ?? NIL) : (id ?? null),
      credential: hasExternal || named === undefined ? credential : namingCredential(credential, named),
    },
  }
}
