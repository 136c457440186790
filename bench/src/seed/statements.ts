import { LISTS_PER_USER, type Model } from '../model.ts'

/** Inserts users $1 to $2 with a session each. A trigger creates their spaces, with the same ids. */
export function insertUsers({ baseMs }: Model): string {
  const before = `to_timestamp(${baseMs} / 1000.0) - interval '1 day'`
  return `
    with numbers as (select n from generate_series($1::bigint, $2::bigint) n),
    made as (
      insert into auth.users (id, name, email, created_at, updated_at)
      select bench_seed.user_id(n), 'User ' || n, 'user' || n || '@example.com', ${before}, ${before} from numbers
    )
    insert into auth.sessions (user_id, token_hash, expires_at)
    select bench_seed.user_id(n), sha256(convert_to(bench_seed.token(n), 'UTF8')), now() + interval '10 years' from numbers`
}

export function insertLists({ baseMs }: Model): string {
  const before = `to_timestamp(${baseMs} / 1000.0) - interval '1 day'`
  return `
    insert into tw.lists (space_id, id, name, name_key, position, revision, created_at, updated_at)
    select bench_seed.user_id(n), bench_seed.list_id(n, l), 'List ' || l, 'list ' || l, to_hex(2147483648 + l), l, ${before}, ${before}
    from generate_series($1::bigint, $2::bigint) n, generate_series(1, ${LISTS_PER_USER}) l`
}

const DAYS_OF_CHANGES = 90

/**
 * Inserts tasks $1 to $2 in order of creation, so that the tasks of a user are scattered over the table, as in
 * production. Tasks of the last 90 days have their Changes; the service would have dropped older ones.
 */
export function insertTasks({ tasks, baseMs, stepMs, stride }: Model): string {
  const salted = (salt: number, modulus: number): string => `bench_seed.mix(task, ${salt}) % ${modulus}`
  const endMs = baseMs + tasks * stepMs
  return `
    with planned as materialized (
      select task, n, task + ${LISTS_PER_USER} as revision, bench_seed.user_id(n) as user_id, bench_seed.made_at(task) as at,
        ${salted(13, LISTS_PER_USER + 1)} as list, ${salted(19, 10)} < 4 as complete, ${salted(23, 10)} as due,
        ${salted(29, 4)} as tags, task % ${stride} <> 0 and ${salted(31, 50)} = 0 as trashed,
        (bench_seed.made_at(task) at time zone 'UTC')::date + (${salted(53, 60)})::int as due_date
      from (select task, bench_seed.user_of(task) as n from generate_series($1::bigint, $2::bigint) task offset 0) t
    ), made as (
      insert into tw.tasks (space_id, id, user_id, list_id, title, description, complete, completed_at, priority, tags, tag_keys,
        due_date, due_time, due_zone, due_at, position, revision, created_at, updated_at, deleted_at)
      select user_id, bench_seed.task_id(task), user_id, case when list > 0 then bench_seed.list_id(n, list) end,
        bench_seed.title(task),
        case when ${salted(59, 10)} < 3 and bench_seed.script(task) = 0 then 'Ask about the ' || bench_seed.noun(task + 1) || E', then\\n' || bench_seed.verb(task + 2)
          || ' the ' || bench_seed.noun(task + 3) || ' before the ' || bench_seed.noun(task + 4) || ' is due.' end,
        complete, case when complete then at + interval '2 hours' end,
        case when ${salted(17, 10)} < 6 then 0 else ${salted(17, 10)} - 5 end,
        t.tags, t.tags,
        case when due < 5 then due_date end, case when due = 0 then time '09:30' end, case when due = 0 then 'Europe/Berlin' end,
        case when due = 0 then (due_date + time '09:30') at time zone 'Europe/Berlin' end,
        to_hex(2147483648 + revision), revision, at,
        at + interval '2 hours', case when trashed then at + interval '1 hour' end
      from planned, lateral (
        select case when planned.tags < 2 then '{}'::text[]
          when planned.tags = 2 or bench_seed.tag(task, 1) = bench_seed.tag(task, 2) then array[bench_seed.tag(task, 1)]
          else array[bench_seed.tag(task, 1), bench_seed.tag(task, 2)] end as tags
        offset 0
      ) t
      returning *
    )
    insert into tw.changes (space_id, revision, commit, at, actor_kind, actor_user_id, action, entity, entity_id, after)
    select m.space_id, m.revision, m.revision, m.created_at, 'user', m.user_id, 'create', 'task', m.id, tw.task_json(m)::jsonb
    from made m where m.created_at > to_timestamp(${endMs} / 1000.0) - interval '${DAYS_OF_CHANGES} days'`
}

/** Sets each head to the last revision of the space. Revisions have gaps, which no measured call notices. */
export const SET_HEADS = `
  update tw.spaces h set revision = coalesce(t.last, ${LISTS_PER_USER})
  from auth.users u left join (select space_id, max(revision) as last from tw.tasks group by 1) t on t.space_id = u.id
  where h.id = u.id`

/** Checks what constraints cannot check. Each row of the result is an error. */
export const findErrors = ({ users, tasks, heavyTasks }: Model): string => `
  select 'users: ' || count(*) from auth.users having count(*) <> ${users}
  union all select 'spaces: ' || count(*) from tw.spaces having count(*) <> ${users}
  union all select 'tasks: ' || count(*) from tw.tasks having count(*) <> ${tasks}
  union all select 'tasks of the first user: ' || count(*) from tw.tasks where space_id = bench_seed.user_id(1) having count(*) <> ${heavyTasks}`
