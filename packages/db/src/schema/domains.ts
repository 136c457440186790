import { customType } from 'drizzle-orm/pg-core'

// The domains of columns whose values have a rule. The first migration creates them; their limits are those of the
// contract (domains.test.ts).
const domain = <T>(name: string) => customType<{ data: T }>({ dataType: () => `tw.${name}` })

export const accountName = domain<string>('account_name')
export const keyName = domain<string>('key_name')
export const listName = domain<string>('list_name')
export const spaceKind = domain<'personal'>('space_kind')
export const spaceName = domain<string>('space_name')
export const title = domain<string>('title')
export const description = domain<string>('description')
/** In lower case, so that one address is one account. */
export const email = domain<string>('email')
/** A name of the IANA database. */
export const timeZone = domain<string>('time_zone')
/** The rank in the contract's PRIORITIES. Not an enum, whose operators are not leakproof: row-level security keeps them from using an index. */
export const priority = domain<number>('priority')
export const tags = domain<string[]>('tags')
/** The keys by which tags are compared. The service computes them, since lower() of PostgreSQL and of JavaScript differ. */
export const tagKeys = domain<string[]>('tag_keys')
export const dueDate = domain<string>('due_date')
export const dueTime = domain<string>('due_time')
export const dueInstant = domain<string>('due_instant')
/** Compared bytewise, with collation "C". */
export const position = domain<string>('position')
export const revision = domain<number>('revision')
/** The latest revision of a space. */
export const head = domain<number>('head')
export const scopes = domain<string[]>('scopes')
export const serviceScopes = domain<string[]>('service_scopes')
export const sha256 = domain<Buffer>('sha256')
