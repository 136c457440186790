import { useStore } from '@taskwire/client/react'
import { useState } from 'react'

/** What the user has typed into the field in which tasks are added. */
export interface Written {
  text: string
  /** Texts of parts that the user wants in the title. */
  kept: ReadonlySet<string>
}
export const NOTHING: Written = { text: '', kept: new Set() }

/** What was typed, by account. The field of each page goes on with it. */
const all = new Map<string, Written>()

export function useWritten(): [written: Written, set: (change: (old: Written) => Written) => void] {
  const { account } = useStore()
  const [written, setWritten] = useState(() => all.get(account) ?? NOTHING)
  function set(change: (old: Written) => Written): void {
    const next = change(all.get(account) ?? NOTHING)
    all.set(account, next)
    setWritten(next)
  }
  return [written, set]
}
