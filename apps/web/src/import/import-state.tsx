import {
  createContext,
  type Dispatch,
  type ReactNode,
  type SetStateAction,
  useContext,
  useEffect,
  useMemo,
  useState,
} from 'react'
import type { Format } from '@taskwire/importers'
import type { Source } from './read-file.ts'
import type { ImportResult } from './run-import.ts'

/** A file that the user has chosen. It is being read until it has a `source` or a `problem`. */
export interface ChosenFile {
  key: number
  file: File
  /** As chosen by the user; undefined: recognised. */
  format: Format | undefined
  source?: Source
  problem?: string
}

/** How many tasks of an import were created, of how many. */
export interface Progress {
  done: number
  total: number
}

interface ImportState {
  files: readonly ChosenFile[]
  /** Undefined: nothing is being imported. */
  progress: Progress | undefined
  /** What the last import has done. */
  result: ImportResult | undefined
}

type Shared = ImportState & { set: Dispatch<SetStateAction<ImportState>> }

const ImportContext = createContext<Shared | undefined>(undefined)

/** Keeps an import while the user is on another page. */
export function ImportProvider({ children }: { children: ReactNode }) {
  const [state, set] = useState<ImportState>({ files: [], progress: undefined, result: undefined })
  const isRunning = state.progress !== undefined
  useEffect(() => {
    if (!isRunning) return
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault()
    addEventListener('beforeunload', ask)
    return () => removeEventListener('beforeunload', ask)
  }, [isRunning])
  const shared = useMemo(() => ({ ...state, set }), [state])
  return <ImportContext value={shared}>{children}</ImportContext>
}

export function useImportState(): Shared {
  const shared = useContext(ImportContext)
  if (shared === undefined) throw new Error('There is no import to show: render this component inside <ImportProvider>')
  return shared
}
