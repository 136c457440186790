import { type Compiled, compile, type Parameter } from '../database/statements.ts'

/**
 * Compiles a statement whose parameter `user` is the hash of a session's token, not a user's id. The statement
 * looks up the session once, and returns no row without one.
 */
export function compileForSession(build: (p: Parameter) => string): Compiled {
  return compile((p) => {
    const caller = `caller as materialized (
      select s.user_id from auth.sessions s where s.token_hash = ${p('user', 'bytea')} and s.expires_at > now())`
    const text = build((name, type) => (name === 'user' ? '(select user_id from caller)' : p(name, type)))
    return text.startsWith('with ') ? `with ${caller}, ${text.slice('with '.length)}` : `with ${caller} ${text}`
  })
}
