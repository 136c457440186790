-- Returns the account with an external id, and creates it if there is none. `vouching` is the hash of the issuer whose
-- token names the external id, null without an issuer. The account belongs to the first issuer: a token of another
-- issuer does not find it (tw.authenticate()).
create or replace function tw.add_user(
  new_id uuid, external text, vouching bytea, new_name text, new_email text, new_zone text
) returns uuid language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into auth.users (id, external_id, issuer, name, email, time_zone)
    values (new_id, external, vouching, new_name, new_email, coalesce(new_zone, 'UTC'))
    on conflict on constraint users_external_id_key do nothing;
  if not found then
    update auth.users set issuer = vouching where external_id = external and issuer is null and vouching is not null;
  end if;
  return (select u.id from auth.users u where u.external_id = external);
end $$;
