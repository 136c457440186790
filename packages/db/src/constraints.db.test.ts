import { createHash, randomUUID } from 'node:crypto'
import {
  accountName,
  accountUpdate,
  isTimeZone,
  keyCreate,
  LIMITS,
  listCreate,
  PRIORITIES,
  SCOPES,
  tagText,
  taskCreate,
  textKey,
} from '@taskwire/contract'
import fc from 'fast-check'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClient } from './connection/connect.ts'
import { createTestDatabase, type TestDatabase } from './testing/index.ts'

// TASKWIRE_SEED sets another seed, TASKWIRE_RUNS the number of cases; fast-check prints the path of a failure.
const SEED = Number(process.env['TASKWIRE_SEED'])
const RUNS = Number(process.env['TASKWIRE_RUNS'] ?? 200)
fc.configureGlobal({ seed: SEED, numRuns: RUNS })

type Row = Record<string, unknown>

const USER = randomUUID()
const BEN = randomUUID()
const NOBODY = randomUUID()
const LIST = randomUUID()
const sha256 = (text: string): string => `\\x${createHash('sha256').update(text).digest('hex')}`
const AT = '2026-11-22T09:30:00.123Z'

/** A valid row of each table. */
const ROWS = {
  'auth.users': {
    id: randomUUID(),
    name: 'Somebody Else',
    email: 'else@example.com',
    email_verified: false,
    image: null,
    time_zone: 'UTC',
    created_at: AT,
    updated_at: AT,
  },
  'auth.sessions': {
    id: randomUUID(),
    user_id: USER,
    token_hash: sha256('token'),
    expires_at: AT,
    ip_address: null,
    user_agent: null,
    created_at: AT,
    updated_at: AT,
  },
  'auth.accounts': {
    id: randomUUID(),
    user_id: USER,
    provider_id: 'credential',
    account_id: USER,
    created_at: AT,
    updated_at: AT,
  },
  'auth.password_resets': { user_id: USER, token_hash: sha256('x'), expires_at: AT },
  'auth.sign_in_attempts': { key: sha256('x'), spent_until: AT },
  // Its account does not exist: a trigger creates the space of every account that does.
  'tw.spaces': {
    id: NOBODY,
    kind: 'personal',
    owner_id: NOBODY,
    name: 'Personal',
    revision: 0,
    changed_at: AT,
  },
  'tw.lists': {
    space_id: USER,
    id: randomUUID(),
    name: 'Work',
    name_key: 'work',
    position: '80000001',
    revision: 1,
    created_at: AT,
    updated_at: AT,
  },
  'tw.tasks': {
    space_id: USER,
    id: randomUUID(),
    user_id: null,
    list_id: null,
    title: 'Task',
    description: null,
    complete: false,
    completed_at: null,
    priority: 0,
    tags: [],
    tag_keys: [],
    due_date: null,
    due_time: null,
    due_zone: null,
    due_at: null,
    position: '80000000',
    revision: 1,
    created_at: AT,
    updated_at: AT,
    deleted_at: null,
  },
  'tw.changes': {
    space_id: USER,
    revision: 1,
    commit: 1,
    at: AT,
    actor_kind: 'user',
    actor_user_id: null,
    action: 'create',
    entity: 'task',
    entity_id: randomUUID(),
    before: null,
    after: {},
    redacted: false,
  },
  'tw.mutations': {
    space_id: USER,
    mutation_id: randomUUID(),
    user_id: null,
    payload_hash: sha256(''),
    revision: 0,
    at: AT,
  },
  'tw.api_keys': {
    user_id: USER,
    id: randomUUID(),
    space_id: null,
    name: 'Key',
    scopes: ['account'],
    secret_hash: sha256('key'),
    created_at: AT,
    expires_at: null,
  },
  'tw.service_keys': {
    id: randomUUID(),
    name: 'Key',
    scopes: ['tasks:read'],
    secret_hash: sha256('service key'),
    created_at: AT,
    expires_at: null,
  },
} satisfies Record<string, Row>
type Table = keyof typeof ROWS

let database: TestDatabase
let admin: Sql
let owner: Sql

beforeAll(async () => {
  database = await createTestDatabase()
  admin = createClient({ address: database.admin, applicationName: 'test' })
  owner = createClient({ address: database.owner, applicationName: 'test' })
  await admin`insert into auth.users (id, name, email)
    values (${USER}, 'Somebody', 'somebody@example.com'), (${BEN}, 'Ben', 'ben@example.com')`
  await admin`insert into tw.lists (space_id, id, name, name_key, position, revision, created_at, updated_at)
    values (${USER}, ${LIST}, 'Home', 'home', '80000000', 1, now(), now())`
  // Inserts the rows and rolls back; returns the name of the constraint that refused one, or the SQLSTATE.
  await admin.unsafe(`
    create function public.refusal(target regclass, records jsonb) returns text language plpgsql as $$
    declare record jsonb; refused text;
    begin
      for record in select jsonb_array_elements(records) loop
        execute format('insert into %1$s select * from jsonb_populate_record(null::%1$s, $1)', target) using record;
      end loop;
      raise sqlstate 'TW000';
    exception
      when sqlstate 'TW000' then return null;
      when others then
        get stacked diagnostics refused = constraint_name;
        return coalesce(nullif(refused, ''), sqlstate);
    end $$`)
})
afterAll(async () => {
  await admin.end()
  await owner.end()
  await database[Symbol.asyncDispose]()
})

/** The constraint that refuses valid rows with these changes; null if none does. Runs as the tables' owner. */
async function refusal(table: Table, ...changes: Row[]): Promise<string | null> {
  const rows = changes.map((change) => ({ ...ROWS[table], ...change }))
  const [row] = await owner<
    { refused: string | null }[]
  >`select public.refusal(${table}::regclass, ${JSON.stringify(rows)}::text::jsonb) refused`
  return row?.refused ?? null
}

// What JavaScript trims, including control characters.
const BLANKS = [
  ...'\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff',
]
const CONTROLS = ['\u0001', '\u001f', '\u007f', '\u0080', '\u0085', '\u009f', '\u2028', '\u2029']
const UNSTORABLE = ['\u0000', '\ud800', '\udfff', '\ude00\ud83d']
const OTHERS = [
  // Composed and decomposed; marks out of order; a singleton; Hangul; a composition that NFC excludes.
  'é',
  'e\u0301',
  'q\u0307\u0323',
  '\u0323\u0307',
  '\u212b',
  '\u1112\u1161\u11ab',
  '\u0958',
  '\u0344',
  // Astral; composed of astral ones; joined; of Unicode 16 and 17; unassigned.
  '😀',
  '\u{1d15e}',
  '\u{11099}\u{110ba}',
  '👩‍👩‍👧',
  '\u{16d67}\u{16d67}',
  '\u{16d68}',
  '\u{11382}\u{113c9}',
  '\u{1acf}\u0323',
  '\u{e0080}',
  '\u{10ffff}',
  '\uffff',
  // White space elsewhere, but not in JavaScript.
  '\u180e',
  '\u200b',
  '\u2060',
  '\u00ad',
  'İ',
  'Σ',
  'ς',
  'ß',
  'ﬁ',
  '牛',
  'ไ',
  "'",
  '"',
  '\\',
  '{',
  'NULL',
  '%',
  '$1',
]

/** Text around a limit, of characters that are often handled wrongly. */
function text(max: number, more: string[] = []): fc.Arbitrary<string> {
  const unit = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('a', 'B', '7', ' ') },
    { weight: 4, arbitrary: fc.constantFrom(...OTHERS) },
    { weight: 1, arbitrary: fc.constantFrom(...BLANKS) },
    { weight: 1, arbitrary: fc.constantFrom(...CONTROLS, ...more) },
    { weight: 2, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
  )
  const many = fc
    .tuple(fc.constantFrom('a', '😀', 'é', 'e\u0301', '\u{1d15e}', ' '), fc.integer({ min: max - 2, max: max + 1 }))
    .map(([one, times]) => one.repeat(times))
  const body = fc.oneof(
    { weight: 3, arbitrary: fc.array(unit, { maxLength: 8 }).map((units) => units.join('')) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.array(unit, { maxLength: 2 }), many, fc.array(unit, { maxLength: 2 }))
        .map((parts) => parts.flat().join('')),
    },
    { weight: 1, arbitrary: many },
  )
  const edge = fc.array(fc.constantFrom(...BLANKS), { maxLength: 2 }).map((blanks) => blanks.join(''))
  return fc.oneof(
    body,
    fc.tuple(edge, body, edge).map((parts) => parts.join('')),
  )
}

/** Text that PostgreSQL can hold. */
const storable = (value: string): boolean => value.isWellFormed() && !value.includes('\u0000')

// Marks and compositions that are newer than Unicode 14, the version of PostgreSQL 15. (PostgreSQL 18 has Unicode 16, Node
// 26 has 17.) The database does not know the order of these marks, so it accepts them in any.
const NEWER = [
  [0x897, 0x897],
  [0x1acf, 0x1add],
  [0x1ae0, 0x1aeb],
  [0x10d69, 0x10d6d],
  [0x10efa, 0x10eff],
  [0x11380, 0x113ff],
  [0x11f41, 0x11f42],
  [0x16100, 0x1613f],
  [0x16d40, 0x16d7f],
  [0x1e08f, 0x1e08f],
  [0x1e4ec, 0x1e4ef],
  [0x1e5ee, 0x1e5ef],
  [0x1e6e0, 0x1e6ff],
] as const
const isOfNewer = (value: string): boolean =>
  value !== value.normalize('NFC') &&
  [...value].some((one) =>
    NEWER.some(([from, to]) => (one.codePointAt(0) ?? 0) >= from && (one.codePointAt(0) ?? 0) <= to),
  )

interface Parsed {
  success: boolean
  data?: unknown
}
interface Field {
  max: number
  table: Table
  /** The input with this text, and the text in the result. */
  parse(value: string): Parsed
  column(value: string): Row
}
const pick = (result: { success: boolean; data?: object | undefined }, name: string): Parsed =>
  result.success ? { success: true, data: Reflect.get(result.data ?? {}, name) } : { success: false }

const FIELDS: Record<string, Field> = {
  title: {
    max: LIMITS.title,
    table: 'tw.tasks',
    parse: (title) => pick(taskCreate.safeParse({ title }), 'title'),
    column: (title) => ({ title }),
  },
  description: {
    max: LIMITS.description,
    table: 'tw.tasks',
    parse: (description) => pick(taskCreate.safeParse({ title: 'x', description }), 'description'),
    column: (description) => ({ description }),
  },
  tag: {
    max: LIMITS.tag,
    table: 'tw.tasks',
    parse: (tag) => tagText.safeParse(tag),
    column: (tag) => ({ tags: [tag], tag_keys: [textKey(tag)] }),
  },
  'list name': {
    max: LIMITS.listName,
    table: 'tw.lists',
    parse: (name) => pick(listCreate.safeParse({ name }), 'name'),
    column: (name) => ({ name, name_key: textKey(name) }),
  },
  'key name': {
    max: LIMITS.keyName,
    table: 'tw.api_keys',
    parse: (name) => pick(keyCreate.safeParse({ name, scopes: ['account'] }), 'name'),
    column: (name) => ({ name }),
  },
  'service key name': {
    max: LIMITS.keyName,
    table: 'tw.service_keys',
    parse: (name) => pick(keyCreate.safeParse({ name, scopes: ['tasks:read'] }), 'name'),
    column: (name) => ({ name }),
  },
  'account name': {
    max: LIMITS.accountName,
    table: 'auth.users',
    parse: (name) => accountName.safeParse(name),
    column: (name) => ({ name }),
  },
}

describe(`contract and constraints agree (seed ${SEED})`, () => {
  test.each(Object.entries(FIELDS))(
    '%s: the database accepts exactly what the contract leaves unchanged',
    async (_name, field) => {
      await fc.assert(
        fc.asyncProperty(text(field.max, UNSTORABLE), async (raw) => {
          const parsed = field.parse(raw)
          if (!storable(raw)) {
            expect(parsed.success).toBe(false)
            return
          }
          if (parsed.success) expect(await refusal(field.table, field.column(String(parsed.data)))).toBeNull()
          if (!isOfNewer(raw))
            expect((await refusal(field.table, field.column(raw))) === null).toBe(parsed.success && parsed.data === raw)
        }),
      )
    },
  )

  test.each(Object.entries(FIELDS))(
    '%s: at the limit, one over, empty, in code points',
    async (name, { max, table, parse, column }) => {
      for (const one of ['a', '😀', 'é', '\u{10ffff}']) {
        expect(parse(one.repeat(max)).success).toBe(true)
        expect(await refusal(table, column(one.repeat(max)))).toBeNull()
        expect(parse(one.repeat(max + 1)).success).toBe(false)
        expect(await refusal(table, column(one.repeat(max + 1)))).not.toBeNull()
      }
      // Twice as many code points until normalised.
      expect(parse('e\u0301'.repeat(max))).toMatchObject({ success: true, data: 'é'.repeat(max) })
      expect(await refusal(table, column('e\u0301'.repeat(max / 2)))).not.toBeNull()
      const empty = name === 'description'
      expect(parse('').success).toBe(empty)
      expect((await refusal(table, column(''))) === null).toBe(empty)
    },
  )

  test.each(Object.entries(FIELDS))(
    '%s: each blank at its ends, each control, each half of a pair',
    async (name, { table, parse, column }) => {
      const line = name !== 'description'
      for (const blank of BLANKS)
        for (const raw of [`${blank}x`, `x${blank}`, blank]) {
          expect(parse(raw)).toMatchObject(
            line
              ? raw === blank
                ? { success: false }
                : { success: true, data: 'x' }
              : { success: true, data: raw.normalize('NFC') },
          )
          if (line) expect(await refusal(table, column(raw))).not.toBeNull()
        }
      for (const control of CONTROLS) {
        expect(parse(`x${control}y`).success).toBe(!line)
        expect((await refusal(table, column(`x${control}y`))) === null).toBe(!line)
      }
      for (const raw of UNSTORABLE)
        for (const at of [raw, `x${raw}`, `${raw}x`, `x${raw}y`]) expect(parse(at).success).toBe(false)
    },
  )

  test('tags: the database accepts exactly those that the contract leaves unchanged', async () => {
    const tag = fc.oneof(text(LIMITS.tag), fc.constantFrom('a', 'A', 'b', 'é', 'É', 'İ', 'i̇', 'Σ', 'σ', 'ς'))
    const distinct = fc.uniqueArray(fc.integer({ min: 0, max: 999 }).map(String), { minLength: 9, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.array(tag, { maxLength: 4 }), distinct), async (raw) => {
        const tags = taskCreate.safeParse({ title: 'x', tags: raw }).data?.tags
        if (!raw.every(storable)) {
          expect(tags).toBeUndefined()
          return
        }
        const row = (list: string[]): Row => ({ tags: list, tag_keys: list.map(textKey) })
        if (tags !== undefined) expect(await refusal('tw.tasks', row(tags))).toBeNull()
        if (!raw.some(isOfNewer))
          expect((await refusal('tw.tasks', row(raw))) === null).toBe(JSON.stringify(tags) === JSON.stringify(raw))
      }),
    )
  })

  test('priorities: each of the contract has its rank, and there are no others', async () => {
    const ranks = await owner<
      { rank: number | null }[]
    >`select tw.priority_rank(name) rank from unnest(array['none', 'low', 'medium', 'high', 'urgent', 'top', '']) name`
    expect(ranks.map((row) => row.rank)).toEqual([...PRIORITIES.keys(), null, null])
    for (const priority of PRIORITIES.keys()) expect(await refusal('tw.tasks', { priority })).toBeNull()
    for (const priority of [-1, PRIORITIES.length, 32767])
      expect(await refusal('tw.tasks', { priority })).toBe('priority_check')
  })

  test('due dates: the database accepts what the contract accepts', async () => {
    const zones = [
      ...Intl.supportedValuesOf('timeZone'),
      'CET',
      'cet',
      'EST5EDT',
      'Zulu',
      'utc',
      'europe/berlin',
      'AET',
      'IST',
      'Nowhere',
      '',
    ]
    const year = fc.oneof(fc.integer({ min: 0, max: 10_000 }), fc.constantFrom(0, 1, 1582, 1900, 1970, 2024, 9999))
    const pad = (n: number, length: number): string => String(n).padStart(length, '0')
    const date = fc
      .tuple(
        year,
        fc.integer({ min: 0, max: 13 }),
        fc.oneof(fc.integer({ min: 0, max: 32 }), fc.constantFrom(1, 2, 3, 28, 29, 30, 31)),
      )
      .map(([y, m, d]) => `${pad(y, 4)}-${pad(m, 2)}-${pad(d, 2)}`)
    const edge = fc.constantFrom(
      '0001-01-01',
      '0001-01-02',
      '0001-01-03',
      '9999-12-29',
      '9999-12-30',
      '9999-12-31',
      '2024-02-30',
      '2023-02-29',
      '20240101',
      '2024-1-1',
    )
    const time = fc
      .tuple(fc.integer({ min: 0, max: 25 }), fc.integer({ min: 0, max: 61 }))
      .map(([h, m]) => `${pad(h, 2)}:${pad(m, 2)}`)
    const shape = fc.record(
      {
        date: fc.oneof(date, edge),
        time: fc.oneof(time, fc.constantFrom('24:00', '12:30:30', '9:00')),
        timeZone: fc.constantFrom(...zones),
      },
      { requiredKeys: ['date'] },
    )
    await fc.assert(
      fc.asyncProperty(shape, async (raw) => {
        const due = taskCreate.safeParse({ title: 'x', due: raw }).data?.due
        if (due === undefined || due === null) return
        expect(due).toEqual(raw)
        const { date, time, timeZone } = { time: null, timeZone: null, ...raw }
        const [at] = await owner<
          { at: string | null }[]
        >`select tw.iso(tw.due_at(${date}::date, ${time}::time, ${timeZone})) as at`
        expect(
          await refusal('tw.tasks', { due_date: date, due_time: time, due_zone: timeZone, due_at: at?.at ?? null }),
        ).toBeNull()
      }),
      { numRuns: 2 * RUNS },
    )
  })

  test('time zones: each of the contract is the same zone in the database', async () => {
    const names = await owner<{ name: string }[]>`select name from pg_timezone_names where name !~ '^(posix|right)/'`
    const candidates = [...names.map((row) => row.name), ...Intl.supportedValuesOf('timeZone')]
    const abbreviations = await owner<{ abbrev: string }[]>`select abbrev from pg_timezone_abbrevs`
    candidates.push(...abbreviations.map((row) => row.abbrev))
    candidates.push(
      ...'ACT AET AGT ART AST BET BST CAT CNT CST CTT EAT ECT IET IST JST MIT NET NST PLT PNT PRT PST SST VST'.split(
        ' ',
      ),
    )
    const taken = [...new Set(candidates.flatMap((name) => [name, name.toLowerCase()]))].filter(isTimeZone)
    expect(taken.length).toBeGreaterThan(800)
    // In both halves of the year: a name that PostgreSQL reads as an abbreviation would have no summer time.
    for (const day of ['2025-01-15', '2025-07-15']) {
      const rows = await owner<
        { name: string; at: string }[]
      >`select name, tw.iso(tw.due_at(${day}::date, '12:00', name)) as at
        from unnest(${`{${taken.map((name) => `"${name}"`).join(',')}}`}::text[]) name`
      for (const { name, at } of rows)
        expect(`${name} ${at}`).toBe(
          `${name} ${Temporal.PlainDateTime.from(`${day}T12:00`).toZonedDateTime(name).toInstant().toString({ smallestUnit: 'millisecond' })}`,
        )
    }
    for (const time_zone of taken.slice(0, 20)) {
      expect(accountUpdate.safeParse({ timeZone: time_zone }).success).toBe(true)
      expect(await refusal('auth.users', { time_zone })).toBeNull()
    }
    for (const name of [
      'AET',
      'PST',
      'IST',
      'BST',
      'SystemV/PST8',
      'US/Pacific-New',
      'Factory',
      'GMT+5',
      '+01:00',
      'posix/UTC',
    ])
      expect(isTimeZone(name)).toBe(false)
  })

  test('scopes: each set of the contract, and nothing else', async () => {
    const scope = fc.constantFrom(...SCOPES, 'admin', '')
    await fc.assert(
      fc.asyncProperty(fc.array(scope, { maxLength: 5 }), async (scopes) => {
        const { success } = keyCreate.safeParse({ name: 'x', scopes })
        const refused = await refusal('tw.api_keys', { scopes })
        if (success) expect(refused).toBeNull()
        if (new Set(scopes).size === scopes.length) expect(refused === null).toBe(success)
      }),
    )
    for (const known of SCOPES)
      expect((await refusal('tw.service_keys', { scopes: [known] })) === null).toBe(known !== 'account')
  })
})

const OTHER = randomUUID()
const DUE = { due_date: '2026-11-22', due_time: '09:30', due_zone: 'Europe/Berlin', due_at: '2026-11-22T08:30:00Z' }
const ALL_DAY = { due_date: '2026-11-22' }

/** Each constraint of a table, except domains, with what it refuses: changes to a row of ROWS, or several rows. */
const CASES: Record<string, { table: Table; refuses: (Row | Row[])[] }> = {
  users_pkey: { table: 'auth.users', refuses: [[{}, { email: 'other@example.com' }]] },
  users_email_key: { table: 'auth.users', refuses: [[{}, { id: OTHER }]] },
  users_id_check: { table: 'auth.users', refuses: [{ id: '00000000-0000-0000-0000-000000000000' }] },
  sessions_pkey: { table: 'auth.sessions', refuses: [[{}, { token_hash: sha256('x') }]] },
  sessions_token_hash_key: { table: 'auth.sessions', refuses: [[{}, { id: OTHER }]] },
  sessions_user_id_fkey: { table: 'auth.sessions', refuses: [{ user_id: OTHER }] },
  accounts_pkey: { table: 'auth.accounts', refuses: [[{}, { account_id: 'x' }]] },
  accounts_provider_id_account_id_key: { table: 'auth.accounts', refuses: [[{}, { id: OTHER }]] },
  accounts_user_id_fkey: { table: 'auth.accounts', refuses: [{ user_id: OTHER }] },
  sign_in_attempts_pkey: { table: 'auth.sign_in_attempts', refuses: [[{}, {}]] },
  password_resets_pkey: { table: 'auth.password_resets', refuses: [[{}, { token_hash: sha256('y') }]] },
  password_resets_token_hash_key: { table: 'auth.password_resets', refuses: [[{}, { user_id: BEN }]] },
  password_resets_user_id_fkey: { table: 'auth.password_resets', refuses: [{ user_id: OTHER }] },
  spaces_pkey: { table: 'tw.spaces', refuses: [{ id: USER, owner_id: USER }] },
  spaces_owner_id_check: {
    table: 'tw.spaces',
    refuses: [{ id: OTHER }, { owner_id: USER }, { id: OTHER, owner_id: USER }],
  },
  spaces_owner_id_fkey: { table: 'tw.spaces', refuses: [{}] },
  lists_pkey: { table: 'tw.lists', refuses: [{ id: LIST }] },
  lists_space_id_fkey: { table: 'tw.lists', refuses: [{ space_id: OTHER }] },
  lists_name_key: { table: 'tw.lists', refuses: [{ name_key: 'home' }] },
  lists_position_key: { table: 'tw.lists', refuses: [{ position: '80000000' }] },
  // The id of its space means the inbox.
  lists_id_check: { table: 'tw.lists', refuses: [{ id: USER }] },
  tasks_pkey: { table: 'tw.tasks', refuses: [[{}, { position: '80000001' }]] },
  tasks_space_id_fkey: { table: 'tw.tasks', refuses: [{ space_id: OTHER }] },
  tasks_list_id_fkey: { table: 'tw.tasks', refuses: [{ list_id: OTHER }, { list_id: USER }] },
  tasks_completed_at_check: { table: 'tw.tasks', refuses: [{ complete: true }, { completed_at: AT }] },
  tasks_tags_check: {
    table: 'tw.tasks',
    refuses: [{ tags: ['a'] }, { tag_keys: ['a'] }, { tags: ['a', 'b'], tag_keys: ['a'] }],
  },
  tasks_due_check: {
    table: 'tw.tasks',
    refuses: [
      { ...DUE, due_zone: null },
      { ...DUE, due_time: null },
      { ...DUE, due_at: null },
      { ...DUE, due_date: null },
      { due_time: '09:30', due_zone: 'UTC' },
      // An all-day date has no instant.
      { ...ALL_DAY, due_at: '2026-11-22T00:00:00Z' },
      { due_at: DUE.due_at },
    ],
  },
  tasks_updated_at_check: { table: 'tw.tasks', refuses: [{ updated_at: '2026-11-22T09:30:00.122Z' }] },
  changes_pkey: { table: 'tw.changes', refuses: [[{}, { entity_id: OTHER }]] },
  changes_space_id_fkey: { table: 'tw.changes', refuses: [{ space_id: OTHER }] },
  changes_commit_check: { table: 'tw.changes', refuses: [{ revision: 2 }] },
  changes_before_after_check: { table: 'tw.changes', refuses: [{ after: null }] },
  mutations_pkey: { table: 'tw.mutations', refuses: [[{}, { revision: 1 }]] },
  mutations_space_id_fkey: { table: 'tw.mutations', refuses: [{ space_id: OTHER }] },
  api_keys_pkey: { table: 'tw.api_keys', refuses: [[{}, { secret_hash: sha256('x') }]] },
  api_keys_user_id_fkey: { table: 'tw.api_keys', refuses: [{ user_id: OTHER }] },
  api_keys_space_id_fkey: { table: 'tw.api_keys', refuses: [{ space_id: OTHER, scopes: ['tasks:read'] }] },
  api_keys_space_id_check: {
    table: 'tw.api_keys',
    refuses: [{ space_id: USER }, { space_id: USER, scopes: ['tasks:write', 'account'] }],
  },
  service_keys_pkey: { table: 'tw.service_keys', refuses: [[{}, { name: 'Other', secret_hash: sha256('x') }]] },
  service_keys_secret_hash_key: { table: 'tw.service_keys', refuses: [[{}, { id: OTHER, name: 'Other' }]] },
  service_keys_name_key: { table: 'tw.service_keys', refuses: [[{}, { id: OTHER, secret_hash: sha256('x') }]] },
  // A unique index and not a constraint, since it has an expression and a condition.
  tasks_position_key: {
    table: 'tw.tasks',
    refuses: [
      [{}, { id: OTHER }],
      [{ list_id: LIST }, { list_id: LIST, id: OTHER }],
    ],
  },
}

/** Texts that are not a line of at most this many code points. */
const noLines = (max: number): string[] => [
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
const lines = (max: number): string[] => ['x', 'x'.repeat(max), '😀'.repeat(max)]

interface Domain {
  /** All columns of the domain. */
  columns: `${Table}.${string}`[]
  accepts: unknown[]
  refuses: unknown[]
  /** The values of other columns that go with the value. */
  beside?: (value: unknown) => Row
}
/** The domains; each has one constraint, with its name. */
const DOMAINS: Record<string, Domain> = {
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
  list_name: { columns: ['tw.lists.name'], accepts: lines(LIMITS.listName), refuses: noLines(LIMITS.listName) },
  space_kind: { columns: ['tw.spaces.kind'], accepts: ['personal'], refuses: ['shared', ''] },
  space_name: { columns: ['tw.spaces.name'], accepts: lines(LIMITS.listName), refuses: noLines(LIMITS.listName) },
  title: { columns: ['tw.tasks.title'], accepts: lines(LIMITS.title), refuses: noLines(LIMITS.title) },
  description: {
    columns: ['tw.tasks.description'],
    accepts: [null, '', ' \n ', 'x'.repeat(LIMITS.description)],
    refuses: ['e\u0301', 'x'.repeat(LIMITS.description + 1)],
  },
  email: {
    columns: ['auth.users.email'],
    accepts: ['a@b', 'x'.repeat(320)],
    refuses: ['Else@example.com', 'É@example.com', 'ab', 'x'.repeat(321)],
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
    accepts: [['tasks:read'], ['tasks:read', 'tasks:write']],
    refuses: [[], ['account'], ['tasks:read', null]],
  },
  sha256: {
    columns: [
      'auth.password_resets.token_hash',
      'auth.sessions.token_hash',
      'auth.sign_in_attempts.key',
      'tw.api_keys.secret_hash',
      'tw.mutations.payload_hash',
      'tw.service_keys.secret_hash',
    ],
    accepts: [sha256('anything')],
    refuses: ['\\x', '\\x00', `${sha256('anything')}00`],
  },
}

/** The constraint that refuses an ordinary row, since its space has no account. */
const letIn = (table: Table): string | null => (table === 'tw.spaces' ? 'spaces_owner_id_fkey' : null)

describe('every constraint', () => {
  test('has a case in this file', async () => {
    // In PostgreSQL 18, NOT NULL is a constraint too; it has a test of its own.
    const rows = await admin<{ name: string }[]>`
      select conname as name from pg_constraint where connamespace in ('tw'::regnamespace, 'auth'::regnamespace) and contype not in ('n', 't')
      union select c.relname from pg_index i join pg_class c on c.oid = i.indexrelid
        where i.indisunique and c.relnamespace in ('tw'::regnamespace, 'auth'::regnamespace)`
    const ofDomains = Object.keys(DOMAINS).map((name) => `${name}_check`)
    expect(rows.map((row) => row.name).toSorted()).toEqual([...Object.keys(CASES), ...ofDomains].toSorted())
  })

  test('of a domain is listed with all of its columns', async () => {
    const rows = await admin<{ name: string; columns: string[] }[]>`
      select t.typname as name, to_json(array(
        select a.attrelid::regclass || '.' || a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid
        where c.relkind = 'r' and a.atttypid = t.oid and not a.attisdropped order by 1)) as columns
      from pg_type t where t.typtype = 'd' and t.typnamespace in ('tw'::regnamespace, 'auth'::regnamespace)`
    const listed = Object.entries(DOMAINS).map(([name, { columns }]) => [name, columns])
    expect(Object.fromEntries(rows.map(({ name, columns }) => [name, columns]))).toEqual(Object.fromEntries(listed))
  })

  test('of a table compares columns, except keys: rules of single columns are domains', async () => {
    const rows = await admin`select conname as name from pg_constraint
      where connamespace in ('tw'::regnamespace, 'auth'::regnamespace) and conrelid <> 0 and contype = 'c' and cardinality(conkey) < 2`
    expect([...rows]).toEqual([{ name: 'users_id_check' }])
  })

  test.each(Object.entries(DOMAINS))('%s_check refuses and accepts, in every column', async (name, domain) => {
    const { columns, accepts, refuses, beside = () => ({}) } = domain
    expect(Math.min(columns.length, accepts.length, refuses.length)).toBeGreaterThan(0)
    for (const path of columns) {
      const [schema, relation, column = ''] = path.split('.')
      // The type of `columns` allows only this shape.
      const table = `${schema}.${relation}` as Table
      for (const value of refuses)
        expect([path, value, await refusal(table, { ...beside(value), [column]: value })]).toEqual([
          path,
          value,
          `${name}_check`,
        ])
      for (const value of accepts)
        expect([path, value, await refusal(table, { ...beside(value), [column]: value })]).toEqual([
          path,
          value,
          letIn(table),
        ])
    }
  })

  test.each(Object.entries(CASES))('%s refuses', async (name, { table, refuses }) => {
    expect(refuses.length).toBeGreaterThan(0)
    for (const rows of refuses) expect([rows, await refusal(table, ...[rows].flat())]).toEqual([rows, name])
  })

  test.each(Object.keys(ROWS) as Table[])('accepts an ordinary row of %s', async (table) => {
    expect(await refusal(table, {})).toBe(letIn(table))
  })

  test('a key may be limited to a space, and rows keep the id of an erased account that created them', async () => {
    expect(await refusal('tw.api_keys', { space_id: USER, scopes: ['tasks:read', 'tasks:write'] })).toBeNull()
    for (const id of [USER, BEN, OTHER]) {
      expect(await refusal('tw.tasks', { user_id: id })).toBeNull()
      expect(await refusal('tw.changes', { actor_user_id: id })).toBeNull()
      expect(await refusal('tw.mutations', { user_id: id })).toBeNull()
    }
  })

  test('accepts valid due dates', async () => {
    for (const row of [DUE, ALL_DAY, { due_date: '0001-01-01' }, { due_date: '9999-12-31' }])
      expect(await refusal('tw.tasks', row)).toBeNull()
  })

  test('two tasks in the trash, and two lists, may have one position', async () => {
    expect(await refusal('tw.tasks', { deleted_at: AT }, { deleted_at: AT, id: OTHER })).toBeNull()
    expect(await refusal('tw.tasks', {}, { list_id: LIST, id: OTHER })).toBeNull()
  })

  test('a NOT NULL column refuses null', async () => {
    const columns = await admin<{ table: Table; name: string }[]>`
      select a.attrelid::regclass::text as table, a.attname as name from pg_attribute a join pg_class c on c.oid = a.attrelid
      where c.relnamespace in ('tw'::regnamespace, 'auth'::regnamespace) and c.relkind = 'r' and a.attnum > 0 and a.attnotnull and not a.attisdropped`
    expect(columns.length).toBeGreaterThan(60)
    for (const { table, name } of columns)
      expect([table, name, await refusal(table, { [name]: null })]).toEqual([
        table,
        name,
        expect.stringMatching(/^(23502|\w+_not_null)$/),
      ])
  })

  test('a list with tasks, even in the trash, cannot be deleted', async () => {
    await admin`insert into tw.tasks (space_id, id, list_id, title, position, revision, created_at, updated_at, deleted_at)
      values (${USER}, ${randomUUID()}, ${LIST}, 'Task', '80000000', 1, now(), now(), now())`
    await expect(admin`delete from tw.lists where id = ${LIST}`).rejects.toThrow('tasks_list_id_fkey')
  })
})
