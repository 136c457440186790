-- Builds the answer of a mutation, of the type tw.answer (see migrations/*_functions). `outcome` is `ok`, or the reason
-- why nothing was changed. `reply` is the reply to the caller, or details of the reason.
create or replace function tw.answered(m tw.mutation, outcome text, reply json default null)
returns tw.answer language sql immutable as $$
  select row(outcome, reply, m.revision, m.replayed, m.space_id, m.user_id, m.session_expires)::tw.answer
$$;
