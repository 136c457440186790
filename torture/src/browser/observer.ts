import { type Change, isChangeOf } from '@taskwire/client'
import type { Account } from './account.ts'

/** Records, outside the browsers, which edits were shown as saved, and compares them with the log of the service. */
export interface Observer {
  /** Returns a text that no other edit has. */
  newText(device: number): string
  /** An edit with this text was shown as saved. */
  saved(account: Account, text: string): void
  /** A user has given up the edits with these texts. */
  gaveUp(texts: readonly string[]): void
  metrics(): Record<string, number>
  /** Returns what is wrong in the logs of the accounts. */
  judge(accounts: readonly Account[]): Promise<string[]>
}

const TEXT = /\bedit \d+ of device \d+\b/g

/** Returns the texts of edits in some JSON. */
export const textsIn = (json: string): string[] => json.match(TEXT) ?? []

export function createObserver(): Observer {
  const saved = new Map<string, Account>()
  const givenUp = new Set<string>()
  let count = 0
  return {
    newText: (device) => `edit ${++count} of device ${device}`,
    saved: (account, text) => void saved.set(text, account),
    gaveUp(texts) {
      for (const text of texts) givenUp.add(text)
    },
    metrics: () => ({
      'edits saved': saved.size,
      'edits given up': [...givenUp].filter((text) => saved.has(text)).length,
    }),
    async judge(accounts) {
      const violations: string[] = []
      for (const account of accounts) {
        const found = countsOf(await account.changes())
        for (const [text, owner] of saved) {
          const times = found.get(text) ?? 0
          const wanted = owner === account && !givenUp.has(text) ? 1 : 0
          if (times !== wanted)
            violations.push(`"${text}" is ${times} times in the log of ${account.email}, not ${wanted}`)
        }
        for (const [text, times] of found)
          if (times > 1 && !saved.has(text))
            violations.push(`"${text}" is ${times} times in the log of ${account.email}`)
      }
      return violations
    },
  }
}

/** Counts the Changes that set each text. */
function countsOf(changes: readonly Change[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const change of changes) {
    if (!isChangeOf(change, 'task')) continue
    // A create has all fields, so a text may stand in one of them only.
    for (const text of [change.after?.title, change.after?.description].flatMap((field) => textsIn(field ?? '')))
      counts.set(text, (counts.get(text) ?? 0) + 1)
  }
  return counts
}
