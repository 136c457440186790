// Prints the cost of type-checking a front end that uses the client.
import { createFrontEnd } from './front-end.ts'

/** A page that calls procedures of every kind and uses their replies. */
export const PAGE = `
import { createClient, failureOf, isChangeOf, type Outputs, type Task } from '@taskwire/client'
import { idFor } from '@taskwire/client/id-for'
const client = createClient({ url: 'https://tasks.example.com' })
export async function show(): Promise<Task[]> {
  const { items, revision } = await client.tasks.list.query({ filter: { tags: { any: ['home'] } }, sort: { by: 'due', direction: 'asc' } })
  const { changes } = await client.changes.list.query({ after: revision })
  const counts: Outputs['tasks']['count'] = await client.tasks.count.query()
  const lists = await client.lists.list.query()
  const { timeZone } = await client.me.get.query()
  const everything = await client.me.export.query()
  return counts.open + changes.length + lists.items.length + everything.keys.length > 0 && timeZone !== '' ? items : []
}
export async function edit(task: Task): Promise<Task | undefined> {
  try {
    const mutationId = idFor('copy', task.id)
    const made = await client.tasks.create.mutate({ title: task.title, mutationId, tags: task.tags, due: { date: '2026-11-22' } })
    await client.tasks.bulk.mutate({ ids: [made.id], action: { type: 'update', changes: { priority: 'high' } } })
    return await client.tasks.update.mutate({ id: made.id, changes: { complete: true }, expectedRevision: made.revision })
  } catch (error) {
    const failure = failureOf(error)
    if (failure.appCode === 'REVISION_CONFLICT') console.log(failure.current?.revision)
    return undefined
  }
}
export async function titles(): Promise<(string | undefined)[]> {
  const { changes } = await client.changes.list.query({ after: 0 })
  return changes.map((change) => (isChangeOf(change, 'task') ? change.after?.title : undefined))
}`

/** A page that uses TanStack Query. */
export const QUERIES_PAGE = `
import { QueryClient, useMutation, useQuery } from '@tanstack/react-query'
import { createClient, type Task } from '@taskwire/client'
import { createQueries } from '@taskwire/client/tanstack'
const trpc = createQueries({ client: createClient({ url: 'https://tasks.example.com' }), queryClient: new QueryClient() })
export const useTasks = (): Task[] => useQuery(trpc.tasks.list.queryOptions({ filter: { complete: false } })).data?.items ?? []
export const useAdd = (): ((title: string) => void) => {
  const { mutate } = useMutation(trpc.tasks.create.mutationOptions())
  return (title) => mutate({ title })
}`

/** A page that uses the store and the hooks for React. */
export const STORE_PAGE = `
import { createClient, type Task } from '@taskwire/client'
import { type SignInProps, TaskwireProvider, useCounts, useMutations, useSync, useTasks } from '@taskwire/client/react'
import { openStore, StoreError } from '@taskwire/client/store'
import { createElement, type ReactElement } from 'react'
const client = createClient({ url: 'https://tasks.example.com' })
const SignIn = ({ submit, error }: SignInProps): ReactElement =>
  createElement('form', { action: submit }, createElement('input', { name: 'email' }), error?.message)
export const App = (): ReactElement => createElement(TaskwireProvider, { client, signIn: SignIn }, createElement(Tasks))
function Tasks(): string {
  const tasks: readonly Task[] = useTasks({ complete: false }, { by: 'due', direction: 'asc' })
  const { open } = useCounts({ due: 'overdue' })
  const { tasks: edits, resolve } = useMutations()
  const { pending, refused, conflicts, failing } = useSync()
  const complete = async (task: Task): Promise<void> => await edits.complete(task.id)
  const keep = async (): Promise<void> => { for (const edit of conflicts) await resolve(edit, 'mine') }
  const titles = refused.map((edit) => edit.title + edit.refusal.message)
  return [complete, keep, titles, open, pending.length, failing?.since.toISOString(), tasks.length].join()
}
export async function count(): Promise<number> {
  try {
    const store = await openStore({ client })
    await store.tasks.create({ title: 'Buy milk' })
    return store.tasks.query({ complete: false }).get().length
  } catch (error) {
    if (error instanceof StoreError && error.code === 'STORAGE_FULL') return 0
    throw error
  }
}`

/** A page that calls `count` procedures, each with its own types of input and output. */
export function pageOfProcedures(count: number): string {
  const repeat = (line: (n: number) => string): string => Array.from({ length: count }, (_, n) => line(n)).join('\n')
  return `
import type { Procedure } from '@taskwire/contract/contract'
import type { CallsOf } from './node_modules/@taskwire/client/dist/call-types.js'
${repeat((n) => `interface In${n} { id: string; a${n}?: { b: string[] } | null | undefined; mutationId?: string | undefined }`)}
${repeat((n) => `interface Out${n} { id: string; a${n}: { b: string[]; c: { d: 'x' | 'y'; e: string | null } }[]; revision: number }`)}
type Table = {
${repeat((n) => `  n${n}: { verb: Procedure<${n % 2 === 0 ? "'query'" : "'mutation'"}, In${n}, In${n}, Out${n}> }`)}
}
declare const client: CallsOf<Table>
export async function all(id: string): Promise<number> {
  let sum = 0
${repeat((n) => `  sum += (await client.n${n}.verb.${n % 2 === 0 ? 'query' : 'mutate'}({ id, a${n}: { b: [id] } })).a${n}.length`)}
  return sum
}`
}

if (import.meta.main) {
  await using frontEnd = await createFrontEnd()
  const rows = {
    'a page on the client': await frontEnd.check(PAGE),
    'a page with the store and the hooks': await frontEnd.check(STORE_PAGE),
    'a page with TanStack Query': await frontEnd.check(QUERIES_PAGE),
    'a page that uses each of 100 procedures': await frontEnd.check(pageOfProcedures(100)),
  }
  console.table(rows)
}
