-- tasks.list.by-deletedAt: by time of deletion; live tasks last in both directions.
-- {filter}: conditions of tasks.filter.sql. {direction}: asc or desc, with {past}: > or <. {most}: a number.
-- predicates: 0

-- [in the trash]
(
  select t.*
  from tw.tasks t
  where {filter} and t.deleted_at is not null
  order by t.deleted_at {direction}, t.id {direction}
  limit {most}
)

-- [in the trash, next page]
(
  select t.*
  from tw.tasks t
  where {filter} and t.deleted_at is not null
    and (t.deleted_at, t.id) {past} (:deleted_at::timestamptz, :id::uuid)
  order by t.deleted_at {direction}, t.id {direction}
  limit {most}
)

-- [live]
-- No index has this order, so they are ordered by id alone.
(
  select t.*
  from tw.tasks t
  where {filter} and t.deleted_at is null
  order by t.id {direction}
  limit {most}
)

-- [live, next page]
(
  select t.*
  from tw.tasks t
  where {filter} and t.deleted_at is null
    and (t.id) {past} (:id::uuid)
  order by t.id {direction}
  limit {most}
)
