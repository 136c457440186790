-- Builds a mutation's answer: `outcome` is `ok`, or names why nothing was changed; `reply` goes with it (the type tw.answer, in schema.sql).
create or replace function tw.answered(m tw.mutation, outcome text, reply json default null)
returns tw.answer language sql immutable as $$
  select row(outcome, reply, m.revision, m.replayed, m.space_id, m.user_id, m.session_expires)::tw.answer
$$;
