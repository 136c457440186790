import { QueryClient, useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query'
import { expectTypeOf, test } from 'vitest'
import { createClient, type Failure, failureOf, type Inputs, type Outputs, type Task } from './index.ts'
import { createQueries } from './tanstack.ts'

const trpc = createQueries({ client: createClient({ url: 'http://localhost:4000' }), queryClient: new QueryClient() })
const id = '0193a1b2-0000-7000-8000-000000000000'

test('a query has the input and the reply of its procedure', () => {
  const { data, error } = useQuery(trpc.tasks.list.queryOptions({ filter: { complete: false } }))
  expectTypeOf(data).toEqualTypeOf<Outputs['tasks']['list'] | undefined>()
  expectTypeOf(failureOf(error)).toEqualTypeOf<Failure>()
  expectTypeOf(useQuery(trpc.tasks.get.queryOptions({ id })).data).toEqualTypeOf<Task | undefined>()
  void trpc.tasks.list.queryOptions()
  // @ts-expect-error -- no such field
  void trpc.tasks.list.queryOptions({ filter: { colour: 'red' } })
  // @ts-expect-error -- an id is required
  void trpc.tasks.get.queryOptions()
})

test('a mutation has the input, the id and the reply of its procedure', () => {
  const { mutateAsync } = useMutation(trpc.tasks.create.mutationOptions())
  expectTypeOf(mutateAsync).parameter(0).toEqualTypeOf<Inputs['tasks']['create']>()
  expectTypeOf(mutateAsync).returns.resolves.toEqualTypeOf<Task>()
  expectTypeOf(mutateAsync).toBeCallableWith({ title: 'Buy milk', mutationId: id })
  // @ts-expect-error -- a title is required
  void mutateAsync({})
})

test('pages of tasks can be an infinite query', () => {
  const options = trpc.tasks.list.infiniteQueryOptions({}, { getNextPageParam: (page) => page.nextCursor })
  const { data } = useInfiniteQuery(options)
  expectTypeOf(data?.pages).toEqualTypeOf<Outputs['tasks']['list'][] | undefined>()
})

test('a query has no options of a mutation, and nothing is any', () => {
  // @ts-expect-error -- a query
  void trpc.tasks.list.mutationOptions()
  // @ts-expect-error -- no such procedure
  void trpc.tasks.clear.mutationOptions()
  expectTypeOf(trpc.tasks.list.queryOptions).not.toBeAny()
  expectTypeOf(trpc.tasks.create.mutationOptions).not.toBeAny()
})
