import type { Account } from '@taskwire/contract'
import { query } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { read } from '../read.ts'

const get = query('me.get', [], { isShort: true })

export async function getMe(ctx: CallContext): Promise<Account> {
  const [row] = await read(ctx, get.with({}))
  return row?.['account'] as Account
}
