import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The SQL functions of a release, one file each. */
export interface FunctionSet {
  /** The number of the set: one more for each recorded change. */
  release: number
  /** Hash of all names and texts. */
  hash: string
  /** The hash when the release number was recorded. */
  recordedHash: string
  files: readonly FunctionFile[]
}

/** The file `<folder>/<name>.sql` creates the function `name`, in the schema `auth` if that is the folder, else in `tw`. */
export interface FunctionFile {
  schema: 'tw' | 'auth'
  name: string
  text: string
}

/** The roles that may execute the functions of a schema. */
const CALLERS = { tw: 'taskwire_app', auth: 'taskwire_auth' } as const

/** The functions that run as taskwire_definer, which sees the rows of all spaces and accounts. */
export const DEFINER_FUNCTIONS: readonly string[] = [
  'add_user',
  'authenticate',
  'erase_me',
  'search_locations',
  'sweep',
  'users_page',
  'watch',
]

export const functionsDirectory: string = fileURLToPath(new URL('./functions', import.meta.url))
/** The file in that directory with the release and its hash. */
export const RELEASE_FILE = 'release.json'
/** The table of the releases that were applied to a database. */
export const FUNCTIONS_TABLE = 'tw_migrations.functions'

export interface AppliedFunctions {
  release: number
  hash: string
}

/** Reads the functions of a directory, in the order of their paths. */
export function readFunctions(directory: string = functionsDirectory): FunctionSet {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.sql'))
    .toSorted()
    .map((path): FunctionFile => ({
      schema: dirname(path) === 'auth' ? 'auth' : 'tw',
      name: basename(path, '.sql'),
      text: readFileSync(join(directory, path), 'utf8'),
    }))
  const hash = createHash('sha256')
  for (const { schema, name, text } of files) hash.update(`${schema}.${name}\0${text}\0`)
  // Written by schema:write, in this shape.
  const recorded = JSON.parse(readFileSync(join(directory, RELEASE_FILE), 'utf8')) as AppliedFunctions
  return { release: recorded.release, hash: hash.digest('hex'), recordedHash: recorded.hash, files }
}

/** The latest release in the database; undefined if no functions have been applied yet. `query` may use any login. */
export async function readAppliedFunctions(
  query: (text: string) => Promise<readonly Record<string, unknown>[]>,
): Promise<AppliedFunctions | undefined> {
  const [row] = await query(`select release, hash from ${FUNCTIONS_TABLE} order by release desc limit 1`)
  return row === undefined ? undefined : { release: Number(row['release']), hash: String(row['hash']) }
}

/** True if the set should be applied: a process never replaces the functions of a newer release. */
export function replaces(set: FunctionSet, applied: AppliedFunctions | undefined): boolean {
  if (applied === undefined || set.files.length === 0) return set.files.length > 0
  // The same release with another hash: a set in development.
  return set.release > applied.release || (set.release === applied.release && set.hash !== applied.hash)
}

/** The steps that create or replace every function, set owners and grants, and record the release; in order. */
export function stepsOf({ release, hash, files }: FunctionSet): { name: string; text: string }[] {
  const rights = files.map(
    ({ schema, name }) => `('${schema}', '${name}', '${CALLERS[schema]}', ${String(DEFINER_FUNCTIONS.includes(name))})`,
  )
  return [
    // Functions call others that are created later.
    { name: 'the settings', text: 'set local check_function_bodies = off' },
    ...files.map(({ schema, name, text }) => ({ name: `the function ${schema}.${name}`, text })),
    {
      name: 'the rights of the functions',
      text: `grant create on schema tw to taskwire_definer;
        do $$
        declare
          f record;
        begin
          for f in select p.oid::regprocedure as signature, r.* from (values ${rights.join(', ')}) r (schema, name, caller, definer)
            join pg_proc p on p.pronamespace = r.schema::regnamespace and p.proname = r.name
          loop
            if f.definer then execute format('alter function %s owner to taskwire_definer', f.signature); end if;
            execute format('grant execute on function %s to %I', f.signature, f.caller);
          end loop;
        end $$;
        revoke create on schema tw from taskwire_definer;
        delete from ${FUNCTIONS_TABLE} where release = ${release};
        insert into ${FUNCTIONS_TABLE} (release, hash) values (${release}, '${hash}');`,
    },
  ]
}
