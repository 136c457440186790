-- True unless the mutation has been applied before: set by tw.enter_write().
create or replace function tw.live() returns boolean language sql stable as $$
  select current_setting('app.replay', true) is distinct from '1'
$$;
