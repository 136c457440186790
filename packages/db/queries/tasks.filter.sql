-- tasks.filter: the conditions of a filter on a task `t`, joined by `and`. [own] is always one of them.
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

-- The inbox counts as a list with the space's id, as in the index tasks_position_key.

-- [inbox]
case when t.list_id is null then t.space_id else t.list_id end = tw.space()

-- [list]
case when t.list_id is null then t.space_id else t.list_id end = :list::uuid

-- [lists]
case when t.list_id is null then t.space_id else t.list_id end in (
  select coalesce(l, tw.space()) from unnest(:lists::uuid[]) l
)

-- [not the inbox]
-- Without this condition, a list id equal to the space's id would match the inbox.
t.list_id is not null

-- A due date with a time is an instant; a due date without a time is a day in the caller's time zone. Two zones are up
-- to 31 hours apart, and some zones have skipped a day, so the local dates of an instant differ by at most three days.
-- Each condition therefore first limits the due date to three days around, by the index. The limits are scalar
-- subqueries: each is evaluated once, and under row-level security its result can be an index condition, unlike the
-- expression.

-- [now]
-- Truncated to milliseconds, as in a cursor. Later pages use the time and the zone of the first page.
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
-- In parentheses, since tasks.count uses it in a `filter` clause.
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

-- A search: every word of it has to match the start of a word in the title or the description; a symbol may match
-- anywhere. `like` is by far the cheaper comparison, so it comes first; it is exact for a word that may match anywhere.
-- The comparisons are in a `case`, of which the planner expects half of the rows to match. Of plain comparisons it
-- would expect one row, and sort all tasks of a user instead of scanning an index in order until the page is full.

-- [words match]
-- Branches of a `case`.
when tw.folded(t.title, t.description) collate "und-x-icu" like all (:like::text[])
  then tw.folded(t.title, t.description) collate "und-x-icu" ~ all ((select tw.search_patterns(:words::text[]))::text[])
  else false

-- [matches]
case
  {words match}
end

-- [matches, looked up]
-- For tasks that the search index has found: for many searches, that match is exact.
case
  when (select bool_and(tw.search_is_exact(word)) from unnest(:words::text[]) word) then true
  {words match}
end

-- [looked up]
-- The search index gives the locations of candidates.
t.ctid = any ((select tw.search_locations(:words::text[], null::int))::tid[])

-- `found`, in tasks.list.sql, has the same locations, or null if there are too many.

-- [among the found]
t.ctid = any ((select locations from found)::tid[])

-- [too many found]
(select locations from found) is null
