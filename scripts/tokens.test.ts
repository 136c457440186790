import { expect, test } from 'vitest'
import { countTokens } from './tokens.ts'

test('counts the tokens of TypeScript without comments', () => {
  expect(countTokens('a.ts', '/** Doc. */\nconst a: number = 1 // one\n')).toBe(6)
  expect(countTokens('a.ts', 'call(/[/*]/u, `a ${b} c`, "// no comment")')).toBe(10)
})

test('counts the tokens of SQL without comments, also in the body of a function', () => {
  expect(countTokens('a.sql', "-- nothing\nselect a.b, 'it''s -- text', 1.5 /* two\nlines */ from t\n")).toBe(10)
  expect(countTokens('a.sql', 'create function f() as $$ begin return x->>:id::text; end $$;')).toBe(18)
})
