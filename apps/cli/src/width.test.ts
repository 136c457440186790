import { describe, expect, test } from 'vitest'
import { cut, widthOf } from './width.ts'

describe('widthOf', () => {
  test.each([
    ['', 0],
    ['Buy milk', 8],
    ['Ünïcode — “quoted” …', 20],
    ['日本語', 6],
    ['한국어', 6],
    ['ひらがな、カタカナ。', 20],
    ['ﾊﾝｶｸ', 4],
    ['ＦＵＬＬ', 8],
    ['e\u0301e\u0301', 2],
    ['👍', 2],
    ['👩‍👩‍👧‍👦', 2],
    ['🇫🇷🇩🇪', 4],
    ['❤️', 2],
    ['✓ done', 6],
    ['1 # *', 5],
    ['שלום', 4],
    ['a\u200Bb', 2],
    ['ไทย', 3],
  ])('%j takes %i columns', (text, width) => {
    expect(widthOf(text)).toBe(width)
  })
})

describe('cut', () => {
  test.each([
    ['Buy milk', 8, 'Buy milk'],
    ['Buy milk', 7, 'Buy mi…'],
    ['Buy milk', 5, 'Buy…'],
    ['日本語', 5, '日本…'],
    ['日本語', 4, '日…'],
    ['👩‍👩‍👧‍👦👩‍👩‍👧‍👦', 3, '👩‍👩‍👧‍👦…'],
    ['🇫🇷🇩🇪', 2, '…'],
  ])('%j to %i is %j', (text, columns, expected) => {
    expect(cut(text, columns)).toBe(expected)
    expect(widthOf(cut(text, columns))).toBeLessThanOrEqual(columns)
  })
})
