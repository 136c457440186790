import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The SQL functions of a release, a file each. */
export interface FunctionSet {
  /** Counts up with each change of the set. */
  release: number
  /** Of all names and texts. */
  hash: string
  /** The hash that the release was given for. */
  recordedHash: string
  files: readonly FunctionFile[]
}

/** The file `<folder>/<name>.sql` makes the function `name`: of the schema auth in the folder auth, else of tw. */
export interface FunctionFile {
  schema: 'tw' | 'auth'
  name: string
  text: string
}

/** Who calls the functions of a schema. */
const CALLERS = { tw: 'taskwire_app', auth: 'taskwire_auth' } as const

/** Those that run as taskwire_definer, which sees the rows of all spaces and accounts: no other function does. */
export const DEFINER_FUNCTIONS: readonly string[] = ['authenticate', 'erase_me', 'search_spots', 'sweep', 'watch']

export const functionsDirectory: string = fileURLToPath(new URL('./functions', import.meta.url))
/** In that directory: the release, and the hash that it was given for. */
export const RELEASE_FILE = 'release.json'
/** Which releases a database has had. */
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
  // As schema:write writes it.
  const recorded = JSON.parse(readFileSync(join(directory, RELEASE_FILE), 'utf8')) as AppliedFunctions
  return { release: recorded.release, hash: hash.digest('hex'), recordedHash: recorded.hash, files }
}

/** What the database has; undefined where no functions have been applied yet. `query` may be of any login. */
export async function readAppliedFunctions(
  query: (text: string) => Promise<readonly Record<string, unknown>[]>,
): Promise<AppliedFunctions | undefined> {
  const [row] = await query(`select release, hash from ${FUNCTIONS_TABLE} order by release desc limit 1`)
  return row === undefined ? undefined : { release: Number(row['release']), hash: String(row['hash']) }
}

/** True where the set is to be applied: a process of an older release leaves the functions of a newer one alone. */
export function replaces(set: FunctionSet, applied: AppliedFunctions | undefined): boolean {
  if (applied === undefined || set.files.length === 0) return set.files.length > 0
  // The same release with other texts is a set that is being worked on.
  return set.release > applied.release || (set.release === applied.release && set.hash !== applied.hash)
}

/** What creates or replaces every function, gives each its owner and its callers, and records the release; in order. */
export function stepsOf({ release, hash, files }: FunctionSet): { name: string; text: string }[] {
  const rights = files.map(
    ({ schema, name }) => `('${schema}', '${name}', '${CALLERS[schema]}', ${String(DEFINER_FUNCTIONS.includes(name))})`,
  )
  return [
    // They call each other, and come in any order.
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
