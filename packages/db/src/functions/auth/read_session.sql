-- Returns a session and its user as JSON; null if the session has ended or the user is disabled. Reading a session
-- extends it.
create or replace function auth.read_session(token bytea) returns json
language plpgsql volatile as $$
begin
  perform auth.extend_session(token);
  return (
    select json_build_object(
      'session', json_build_object(
        'expiresAt', to_char(s.expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'createdAt', to_char(s.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'updatedAt', to_char(s.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'ipAddress', s.ip_address, 'userAgent', s.user_agent, 'userId', s.user_id, 'id', s.id),
      'user', auth.user_json(u))
    from auth.sessions s join auth.users u on u.id = s.user_id where s.token_hash = token and s.expires_at > now() and u.disabled_at is null);
end $$;
