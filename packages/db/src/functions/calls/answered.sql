-- What a call answers that changes nothing: a refusal with the current row, a reply of the first time, or a dry run.
create or replace function tw.answered(m tw.mutation, outcome text, reply json default null)
returns tw.answer language sql immutable as $$
  select row(outcome, reply, m.revision, m.replayed, m.space_id, m.user_id, m.session_expires)::tw.answer
$$;
