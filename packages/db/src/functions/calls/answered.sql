-- An answer: `ok` with a reply, new or of the first time, or why nothing was changed, with the row as it is.
create or replace function tw.answered(m tw.mutation, outcome text, reply json default null)
returns tw.answer language sql immutable as $$
  select row(outcome, reply, m.revision, m.replayed, m.space_id, m.user_id, m.session_expires)::tw.answer
$$;
