import { randomUUID } from 'node:crypto'
import { TRPCError } from '@trpc/server'
import { and, desc, eq, ilike, isNull, lt, or, sql } from 'drizzle-orm'
import { z } from 'zod'
import { tasks } from './schema.ts'
import { asUser, protectedProcedure, publicProcedure, router } from './trpc.ts'

const PAGE = 50
const PRIORITIES = ['none', 'low', 'medium', 'high', 'urgent'] as const
const id = z.uuid()
const title = z.string().trim().min(1).max(200)
const priority = z.enum(PRIORITIES)
const draft = z.object({
  title,
  description: z.string().max(1000).nullish(),
  priority: priority.default('none'),
  tags: z.array(z.string().min(1).max(50)).max(10).default([]),
  due: z.object({ date: z.iso.date() }).nullish(),
})
const changes = z.object({ title: title.optional(), priority: priority.optional() })
const page = z.object({
  cursor: z.object({ id, createdAt: z.iso.datetime() }).optional(),
  search: z.string().max(200).optional(),
})

// A word may be in the title or in the description.
const holds = (word: string) => or(ilike(tasks.title, `%${word}%`), ilike(tasks.description, `%${word}%`))

export const appRouter = router({
  nothing: publicProcedure.input(z.object({ n: z.number() })).query(({ input }) => ({ n: input.n })),

  get: protectedProcedure.input(z.object({ id })).query(
    async ({ ctx, input }) =>
      await asUser(ctx, async (tx) => {
        const [task] = await tx
          .select()
          .from(tasks)
          .where(and(eq(tasks.spaceId, ctx.userId), eq(tasks.id, input.id)))
          .limit(1)
        if (task === undefined) throw new TRPCError({ code: 'NOT_FOUND' })
        return task
      }),
  ),

  // A cursor of several columns, with OR: https://orm.drizzle.team/docs/guides/cursor-based-pagination.
  list: protectedProcedure.input(page).query(
    async ({ ctx, input }) =>
      await asUser(ctx, async (tx) => {
        const { cursor, search } = input
        const items = await tx
          .select()
          .from(tasks)
          .where(
            and(
              eq(tasks.spaceId, ctx.userId),
              isNull(tasks.deletedAt),
              cursor &&
                or(
                  lt(tasks.createdAt, cursor.createdAt),
                  and(eq(tasks.createdAt, cursor.createdAt), lt(tasks.id, cursor.id)),
                ),
              ...(search?.split(' ').map(holds) ?? []),
            ),
          )
          .orderBy(desc(tasks.createdAt), desc(tasks.id))
          .limit(PAGE)
        const last = items.length === PAGE ? items.at(-1) : undefined
        return { items, nextCursor: last && { id: last.id, createdAt: last.createdAt } }
      }),
  ),

  create: protectedProcedure.input(draft).mutation(
    async ({ ctx, input }) =>
      await asUser(ctx, async (tx) => {
        const { due, tags, ...rest } = input
        const newId = randomUUID()
        const [task] = await tx
          .insert(tasks)
          .values({
            ...rest,
            spaceId: ctx.userId,
            userId: ctx.userId,
            id: newId,
            priority: PRIORITIES.indexOf(rest.priority),
            tags,
            tagKeys: tags.map((tag) => tag.toLowerCase()),
            dueDate: due?.date,
            // A unique position before all others, without a query.
            position: `7fffffff${newId.replaceAll('-', '')}1`,
            revision: 1,
            createdAt: sql`now()`,
            updatedAt: sql`now()`,
          })
          .returning()
        return task
      }),
  ),

  update: protectedProcedure.input(z.object({ id, changes })).mutation(
    async ({ ctx, input }) =>
      await asUser(ctx, async (tx) => {
        const { priority: wanted, ...rest } = input.changes
        const [task] = await tx
          .update(tasks)
          .set({
            ...rest,
            ...(wanted === undefined ? {} : { priority: PRIORITIES.indexOf(wanted) }),
            revision: sql`${tasks.revision} + 1`,
            updatedAt: sql`now()`,
          })
          .where(and(eq(tasks.spaceId, ctx.userId), eq(tasks.id, input.id)))
          .returning()
        if (task === undefined) throw new TRPCError({ code: 'NOT_FOUND' })
        return task
      }),
  ),
})
