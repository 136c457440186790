-- tasks.filter: the conditions on a task `t` of a filter, joined by `and`. [own] is always one of them.
-- predicates: 2

-- [own]
t.space_id = tw.space()

-- [live]
t.deleted_at is null

-- [in the trash]
t.deleted_at is not null

-- [complete]
t.complete

-- [open]
not t.complete

-- [priority]
t.priority = any (:priorities::smallint[])

-- [all tags]
t.tag_keys @> :all_tags::text[]

-- [any tag]
t.tag_keys && :any_tags::text[]

-- The inbox goes by the space's own id, as in the index tasks_position_key.

-- [inbox]
case when t.list_id is null then t.space_id else t.list_id end = tw.space()

-- [list]
case when t.list_id is null then t.space_id else t.list_id end = :list::uuid

-- [lists]
case when t.list_id is null then t.space_id else t.list_id end in (
  select coalesce(l, tw.space()) from unnest(:lists::uuid[]) l
)

-- [not the inbox]
-- So that the space's own id does not name it.
t.list_id is not null

-- A due with a time is that instant; one without is that day in the zone of whoever asks. The date on the wall and that
-- of the same instant in another zone are at most three days apart: 31 hours between two zones, and 24 that the clocks
-- of one have skipped. By that much the index of due dates narrows it down. Each scalar subquery is worked out once,
-- and behind a policy it alone may be compared with along an index.

-- [now]
-- To the millisecond, as a cursor has it. A page after the first has the time and the zone of the first.
coalesce(:now::timestamptz, date_trunc('milliseconds', now()))

-- [zone]
coalesce(:time_zone::text, (select u.time_zone from auth.users u where u.id = tw.account()))

-- [today]
(select ({now} at time zone tw.zone({zone}))::date)

-- [day of due before]
(select (:due_before::timestamptz at time zone tw.zone({zone}))::date)

-- [day of due after]
(select (:due_after::timestamptz at time zone tw.zone({zone}))::date)

-- [due none]
t.due_date is null

-- [overdue]
-- In brackets, since tasks.count counts by it.
(
  not t.complete and t.deleted_at is null and t.due_date <= (select {today} + 3)
  and case when t.due_time is null then t.due_date < {today} else t.due_at < {now} end
)

-- [due today]
t.due_date between (select {today} - 3) and (select {today} + 3)
and case
  when t.due_time is null then t.due_date = {today}
  else (t.due_at at time zone (select tw.zone({zone})))::date = {today}
end

-- [due on]
t.due_date between (select (select :due_on::date) - 3) and (select (select :due_on::date) + 3)
and case
  when t.due_time is null then t.due_date = (select :due_on::date)
  else (t.due_at at time zone (select tw.zone({zone})))::date = (select :due_on::date)
end

-- [due before day]
t.due_date <= (select (select :due_before::date) + 3)
and case
  when t.due_time is null then t.due_date < (select :due_before::date)
  else (t.due_at at time zone (select tw.zone({zone})))::date < (select :due_before::date)
end

-- [due before instant]
t.due_date <= (select {day of due before} + 3)
and case when t.due_time is null then t.due_date < {day of due before} else t.due_at < :due_before::timestamptz end

-- [due after day]
t.due_date >= (select (select :due_after::date) - 3)
and case
  when t.due_time is null then t.due_date > (select :due_after::date)
  else (t.due_at at time zone (select tw.zone({zone})))::date > (select :due_after::date)
end

-- [due after instant]
t.due_date >= (select {day of due after} - 3)
and case when t.due_time is null then t.due_date > {day of due after} else t.due_at > :due_after::timestamptz end

-- A search: every word, as a prefix of a word in the title or the description; a symbol anywhere. `like` is by far the
-- cheaper of the two comparisons, and exact for a word that may begin anywhere. As a case, of which the planner expects
-- half of the rows: of the words themselves it expects one row, and sorts all that a user has where it need only go
-- along the index until the page is full.

-- [matches]
case
  when tw.folded(t.title, t.description) collate "und-x-icu" like all (:like::text[])
  then tw.folded(t.title, t.description) collate "und-x-icu" ~ all ((select tw.search_patterns(:words::text[]))::text[])
  else false
end

-- [matches, looked up]
-- Of many a search the index alone tells that a task matches.
case
  when (select bool_and(tw.search_is_exact(word)) from unnest(:words::text[]) word) then true
  when tw.folded(t.title, t.description) collate "und-x-icu" like all (:like::text[])
  then tw.folded(t.title, t.description) collate "und-x-icu" ~ all ((select tw.search_patterns(:words::text[]))::text[])
  else false
end

-- [looked up]
-- From the index, where those are that may match.
t.ctid = any ((select tw.search_spots(:words::text[], null::int))::tid[])

-- `found` of tasks.list: the same, or null where they are too many.

-- [among the found]
t.ctid = any ((select spots from found)::tid[])

-- [too many found]
(select spots from found) is null
