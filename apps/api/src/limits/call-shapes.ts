import type { Contract, Kind, Procedure, TaskFilter, TaskSort } from '@taskwire/contract'

/** A class of calls that take about the same time for one user. */
export interface CallShape {
  name: string
  /** Whether such a call may be slow for a user with much data. */
  mayBeSlow: boolean
  /** Whether it reads one row by its key. Such a call is slow only if the machine is, so it never queues. */
  isOneRow: boolean
}

type ParsedOf<P> = P extends Procedure<Kind, infer _In, infer Parsed, infer _Out> ? Parsed : never
type Table = {
  [N in keyof Contract]?: { [P in keyof Contract[N]]?: (input: ParsedOf<Contract[N][P]>) => string | undefined }
}

/** Most tasks that a mutation may name and still count as short. */
const FEW = 50

/** For calls that may be slow, the suffix of their shape's name. A call that is not listed is short. */
const SLOW: Table = {
  tasks: {
    list: slowList,
    count: () => 'all',
    createMany: ({ tasks }) => (tasks.length > FEW ? 'many' : undefined),
    bulk: ({ ids = [] }) => (ids.length === 0 ? 'by filter' : ids.length > FEW ? 'many' : undefined),
  },
  lists: { delete: () => 'with its tasks' },
  tags: { list: () => 'all', rename: () => 'all' },
  changes: { revert: () => 'a commit' },
  me: { export: () => 'a page', delete: () => 'all' },
  users: { delete: () => 'all' },
}

/** A page is short if an index scan ends as soon as the page is full. */
function slowList({ filter = {}, sort: { by } }: { filter?: TaskFilter | undefined; sort: TaskSort }) {
  const { search, trash = 'without', ...others } = filter
  if (search !== undefined) return 'search'
  const inOneList = by === 'position' && filter.listId !== undefined && !Array.isArray(filter.listId)
  if (trash !== 'without' || !(by === 'createdAt' || by === 'due' || inOneList)) return `by ${by}`
  return !inOneList && Object.values(others).some((value) => value !== undefined) ? 'filtered' : undefined
}

const ONE_ROW: readonly string[] = ['tasks.get', 'me.get']

const known = new Map<string, CallShape>()

/** Returns the shape of a call with this parsed input. */
export function callShapeOf(path: string, input: unknown): CallShape {
  const [namespace = '', verb = ''] = path.split('.')
  const table: Record<string, Record<string, (parsed: unknown) => string | undefined> | undefined> = SLOW as never
  const slow = table[namespace]?.[verb]?.(input)
  const name = slow === undefined ? path : `${path} ${slow}`
  const shape = known.get(name) ?? { name, mayBeSlow: slow !== undefined, isOneRow: ONE_ROW.includes(path) }
  known.set(name, shape)
  return shape
}
