import { createHash } from 'node:crypto'
import { initTRPC, TRPCError } from '@trpc/server'
import { and, eq, gt, sql } from 'drizzle-orm'
import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import type { FastifyRequest } from 'fastify'
import { sessions } from './schema.ts'

export interface Context {
  db: PostgresJsDatabase
  req: FastifyRequest
}

const t = initTRPC.context<Context>().create()
export const { router } = t
export const publicProcedure = t.procedure

/** A middleware that adds the signed-in user to the context: https://trpc.io/docs/server/authorization. */
export const protectedProcedure = t.procedure.use(async ({ ctx, next }) => {
  const token = ctx.req.headers.authorization?.replace(/^Bearer /, '') ?? ''
  const tokenHash = createHash('sha256').update(token).digest()
  const [session] = await ctx.db
    .select()
    .from(sessions)
    .where(and(eq(sessions.tokenHash, tokenHash), gt(sessions.expiresAt, sql`now()`)))
    .limit(1)
  if (session === undefined) throw new TRPCError({ code: 'UNAUTHORIZED' })
  return await next({ ctx: { ...ctx, userId: session.userId } })
})

export type Transaction = Parameters<Parameters<PostgresJsDatabase['transaction']>[0]>[0]

/**
 * Runs one transaction per request, which sets the user's space (it has the same id) for the row-level security
 * policies: https://orm.drizzle.team/docs/rls.
 */
export async function asUser<T>(
  { db, userId }: { db: PostgresJsDatabase; userId: string },
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  return await db.transaction(async (tx) => {
    await tx.execute(sql`select set_config('app.space', ${userId}, true)`)
    return await work(tx)
  })
}
