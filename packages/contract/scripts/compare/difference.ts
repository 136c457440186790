/** The kinds of change that docs/contract.md calls breaking. */
export type Kind =
  | 'removed'
  | 'input-narrowed'
  | 'input-required'
  | 'output-widened'
  | 'limit-tightened'
  | 'default-changed'
  | 'order-changed'
  | 'access-changed'
  | 'kind-changed'
  | 'error-changed'

/** A change within one schema, limit or error. */
export interface Difference {
  readonly kind: Kind
  /** Such as `input.changes.title` or `output.items[].dueAt`; for a limit, `limits.page.max`. */
  readonly path: string
  /** What changed: the rest of a sentence that begins with the path. */
  readonly what: string
}

/** A change of the contract that breaks deployed clients. */
export interface Finding extends Difference {
  /** Absent if the change concerns all procedures: of a limit, an error code or an open set. */
  readonly procedure?: string
}

interface Reason {
  readonly why: string
  readonly remedy: string
}

const REASONS: Record<Kind, Reason> = {
  removed: {
    why: 'deployed clients still send or read it',
    remedy: 'Keep it beside what replaces it',
  },
  'input-narrowed': {
    why: 'deployed clients send values that would now be refused',
    remedy: 'Accept what was accepted, and offer the narrower form as a new optional field',
  },
  'input-required': {
    why: 'deployed clients do not send it, and would be refused',
    remedy: 'Make it optional, with the old meaning when it is absent',
  },
  'output-widened': {
    why: 'deployed clients have types and code for the old values only',
    remedy: 'Keep the old values, and add what is new as a new field',
  },
  'limit-tightened': {
    why: 'deployed clients send calls that would now be refused',
    remedy: 'Keep the limit of the release',
  },
  'default-changed': {
    why: 'a deployed client that leaves it out means the old default',
    remedy: 'Keep the default',
  },
  'order-changed': {
    why: 'deployed clients show and page through results in the order of the release',
    remedy: 'Keep the order, and offer the new one by an optional input',
  },
  'access-changed': {
    why: 'deployed keys have the old scope: they would lose this call, or could newly send it',
    remedy: 'Keep the scope, or add a new procedure',
  },
  'kind-changed': {
    why: 'deployed clients call it in the old way, and would be refused',
    remedy: 'Keep it, and add a new procedure',
  },
  'error-changed': {
    why: 'deployed clients decide by it whether to retry and what to show',
    remedy: 'Keep it, and add a new code',
  },
}

/** Returns one line per change; a change of a shared shape names all procedures that have it. */
export function describe(findings: readonly Finding[]): string[] {
  const groups = Map.groupBy(findings, ({ kind, path, what }) => `${kind} ${path} ${what}`)
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const procedures = group.flatMap(({ procedure }) => procedure ?? [])
    const where = procedures.length === 0 ? '' : `${procedures.join(', ')}: `
    const { why, remedy } = REASONS[first.kind]
    return [`${where}${first.path} ${first.what}: ${why}. ${remedy}, or raise the major version.`]
  })
}
