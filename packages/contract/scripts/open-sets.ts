import {
  APP_CODES,
  type Action,
  type ActorKind,
  type Entity,
  type FeedItem,
  type Health,
  SCOPES,
} from '../src/index.ts'

/** The known values of a set that is typed `Known | (string & {})`. */
type Known<Open extends string> = Open extends unknown ? (string extends Open ? never : Open) : never

/** Does not compile unless `values` lists every known value. */
function known<Open extends string>(values: Record<Known<Open>, true>): string[] {
  return Object.keys(values)
}

/** The sets to which a minor version may add values, with the values that are known today. */
export const OPEN_SETS: Readonly<Record<string, readonly string[]>> = {
  action: known<Action>({
    create: true,
    update: true,
    complete: true,
    reopen: true,
    move: true,
    delete: true,
    restore: true,
    purge: true,
  }),
  'actor.kind': known<ActorKind>({ user: true, key: true, service: true, system: true }),
  appCode: Object.keys(APP_CODES),
  entity: known<Entity>({ task: true, list: true, account: true, key: true }),
  scope: SCOPES,
  status: known<Health['status']>({ ok: true }),
  'stream item type': known<FeedItem['type']>({ change: true, head: true }),
}
