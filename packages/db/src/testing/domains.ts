import { LIMITS, SCOPES, SERVICE_SCOPES } from '@taskwire/contract'
import { DUE, type Row, sha256, type Table } from './constraints.ts'
import { TEXT_FIELDS, type TextField } from './fields.ts'

/** Texts that are not a `line` of at most this many code points. */
export const noLines = (max: number): string[] => [
  '',
  ' x',
  'x\u3000',
  '\ufeffx',
  'x\ny',
  'x\u0085',
  'e\u0301',
  '\u2028',
  'x'.repeat(max + 1),
  '😀'.repeat(max + 1),
]
export const lines = (max: number): string[] => ['x', 'x'.repeat(max), '😀'.repeat(max)]

export interface Domain {
  /** All columns of the domain. */
  columns: `${Table}.${string}`[]
  accepts: unknown[]
  refuses: unknown[]
  /** Values of other columns, without which the row would be refused. */
  beside?: (value: unknown) => Row
}

function domainOf({ kind, max, nullable, table, column }: TextField): Domain {
  return {
    columns: [`${table}.${column}`],
    accepts: [...(nullable ? [null] : []), ...lines(max), ...(kind === 'text' ? ['', ' \n '] : [])],
    refuses: kind === 'line' ? noLines(max) : ['e\u0301', 'x'.repeat(max + 1), '😀'.repeat(max + 1)],
  }
}

/** The domains, by name; each has one constraint, named after it. */
export const DOMAINS: Record<string, Domain> = {
  ...Object.fromEntries(TEXT_FIELDS.map((field) => [field.domain, domainOf(field)])),
  account_name: {
    columns: ['auth.users.name'],
    accepts: lines(LIMITS.accountName),
    refuses: noLines(LIMITS.accountName),
  },
  key_name: {
    columns: ['tw.api_keys.name', 'tw.service_keys.name'],
    accepts: lines(LIMITS.keyName),
    refuses: noLines(LIMITS.keyName),
  },
  space_kind: { columns: ['tw.spaces.kind'], accepts: ['personal'], refuses: ['shared', ''] },
  space_name: { columns: ['tw.spaces.name'], accepts: lines(LIMITS.listName), refuses: noLines(LIMITS.listName) },
  email: {
    columns: ['auth.users.email'],
    accepts: ['a@b', 'x'.repeat(320)],
    refuses: ['Else@example.com', 'É@example.com', 'ab', 'x'.repeat(321)],
  },
  external_id: {
    columns: ['auth.users.external_id'],
    accepts: lines(LIMITS.externalId),
    refuses: noLines(LIMITS.externalId),
  },
  time_zone: {
    columns: ['auth.users.time_zone', 'tw.tasks.due_zone'],
    accepts: ['UTC', 'x'.repeat(100)],
    refuses: ['', 'x'.repeat(101)],
    beside: () => DUE,
  },
  priority: { columns: ['tw.tasks.priority'], accepts: [0, 4], refuses: [-1, 5] },
  tags: {
    columns: ['tw.tasks.tags'],
    accepts: [[], ...lines(LIMITS.tag).map((tag) => [tag]), [...'abcdefghij']],
    refuses: [...noLines(LIMITS.tag).map((tag) => [tag]), ['a', null], [['a', 'b']], '[0:0]={a}', [...'abcdefghijk']],
    beside: (tags) => ({ tag_keys: tags }),
  },
  tag_keys: {
    columns: ['tw.tasks.tag_keys'],
    accepts: [[], ['a', 'b', '']],
    refuses: [['a', 'a'], ['a', null], [['a', 'b']], '[0:0]={a}'],
    beside: (keys) => ({ tags: Array.isArray(keys) ? keys.map(() => 'x') : [] }),
  },
  due_date: {
    columns: ['tw.tasks.due_date'],
    accepts: [null, '0001-01-01', '9999-12-31'],
    refuses: ['0001-12-31 BC', '10000-01-01', 'infinity'],
  },
  due_time: {
    columns: ['tw.tasks.due_time'],
    accepts: ['00:00', '23:59'],
    refuses: ['09:30:01', '24:00'],
    beside: () => DUE,
  },
  due_instant: {
    columns: ['tw.tasks.due_at'],
    accepts: ['0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z'],
    refuses: ['0001-12-31 23:59:59.999+00 BC', '10000-01-01T00:00:00Z', 'infinity'],
    beside: () => DUE,
  },
  position: {
    columns: ['tw.lists.position', 'tw.tasks.position'],
    accepts: ['00000000', 'ffffffff', '8000000f1', '80000000000f'],
    refuses: [
      '',
      '8000000',
      '8000000A',
      '800000000',
      '80000000 ',
      '80000000\n',
      'g0000000',
      '8000000010',
      '80000000f0',
    ],
  },
  revision: {
    columns: ['tw.changes.revision', 'tw.lists.revision', 'tw.tasks.revision'],
    accepts: [1, Number.MAX_SAFE_INTEGER],
    refuses: [0, -1],
    beside: (revision) => ({ commit: revision }),
  },
  head: { columns: ['tw.spaces.revision'], accepts: [0, 1], refuses: [-1] },
  scopes: {
    columns: ['tw.api_keys.scopes'],
    accepts: [[...SCOPES]],
    refuses: [[], ['all'], ['account', null]],
  },
  service_scopes: {
    columns: ['tw.service_keys.scopes'],
    accepts: [['tasks:read'], [...SERVICE_SCOPES]],
    refuses: [[], ['account'], ['tasks:read', null]],
  },
  sha256: {
    columns: [
      'auth.password_resets.token_hash',
      'auth.sessions.token_hash',
      'auth.sign_in_attempts.key',
      'auth.users.issuer',
      'tw.api_keys.secret_hash',
      'tw.mutations.payload_hash',
      'tw.service_keys.secret_hash',
    ],
    accepts: [sha256('anything')],
    refuses: ['\\x', '\\x00', `${sha256('anything')}00`],
    beside: () => ({ external_id: 'x' }),
  },
}
