import type { Contract, Kind, Procedure, TaskFilter, TaskSort } from '@taskwire/contract'

/** Calls of a user that take the database about as long as each other. */
export interface CallShape {
  name: string
  /** Whether it may take long where the user has much. */
  mayBeSlow: boolean
}

type ParsedOf<P> = P extends Procedure<Kind, infer _In, infer Parsed, infer _Out> ? Parsed : never
type Table = {
  [N in keyof Contract]?: { [P in keyof Contract[N]]?: (input: ParsedOf<Contract[N][P]>) => string | undefined }
}

/** Tasks that a call may name without being slow by it. */
const FEW = 50

/** What may take long, by what it is then called; whatever is not here is short. */
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
}

/** Short is what goes along an index until the page is full. */
function slowList({ filter = {}, sort: { by } }: { filter?: TaskFilter | undefined; sort: TaskSort }) {
  const { search, trash = 'without', ...others } = filter
  if (search !== undefined) return 'search'
  const inOneList = by === 'position' && filter.listId !== undefined && !Array.isArray(filter.listId)
  if (trash !== 'without' || !(by === 'createdAt' || by === 'due' || inOneList)) return `by ${by}`
  return !inOneList && Object.values(others).some((value) => value !== undefined) ? 'filtered' : undefined
}

const known = new Map<string, CallShape>()

/** The shape of a call, by its procedure and its input as parsed. */
export function callShapeOf(path: string, input: unknown): CallShape {
  const [namespace = '', verb = ''] = path.split('.')
  const table: Record<string, Record<string, (parsed: unknown) => string | undefined> | undefined> = SLOW as never
  const slow = table[namespace]?.[verb]?.(input)
  const name = slow === undefined ? path : `${path} ${slow}`
  const shape = known.get(name) ?? { name, mayBeSlow: slow !== undefined }
  known.set(name, shape)
  return shape
}
