-- tasks.list.by-title: by title.
-- {filter}: conditions of tasks.filter.sql. {direction}: asc or desc. {past}: > for asc, < for desc. {most}: a limit.
-- predicates: 0

-- [all]
(
  select t.*
  from tw.tasks t
  where {filter}
  order by t.title collate "und-x-icu" {direction}, t.id {direction}
  limit {most}
)

-- [all, next page]
(
  select t.*
  from tw.tasks t
  where {filter}
    and (t.title collate "und-x-icu", t.id) {past} (:title::text, :id::uuid)
  order by t.title collate "und-x-icu" {direction}, t.id {direction}
  limit {most}
)
