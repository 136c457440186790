import { expect, it } from 'vitest'
import { create, get } from '../database/statements.ts'
import { compileForSession } from './compile-for-session.ts'

it('looks up the session once, and names its user in the statement', () => {
  for (const build of [get, create]) {
    const { text, names } = compileForSession(build)
    expect(names[0]).toBe('user')
    expect(text.match(/\$1::/g)).toEqual(['$1::'])
    expect(text).toMatch(
      /^with caller as materialized \(\s*select s.user_id from auth.sessions s where s.token_hash = \$1::bytea/,
    )
    expect(text).toContain('(select user_id from caller)')
  }
})

it('keeps the common table expressions with which a statement begins', () => {
  expect(compileForSession(create).text).toContain(', head as (update tw.spaces')
})
