import { useStore } from '@taskwire/client/react'
import { counted } from '@taskwire/importers'
import { useEffect, useState } from 'react'
import { useActions } from '../actions/provider.tsx'
import { failureWords } from '../calls/failure-words.ts'
import { client } from '../client.ts'
import { type Created, type ImportResult, runImport, statesOf, type TaskFile } from './run-import.ts'
import { undoImport } from './undo-import.ts'

/** How many tasks of an import were created, of how many. */
export interface Progress {
  done: number
  total: number
}

interface Import {
  /** Undefined: nothing is being imported. */
  progress: Progress | undefined
  /** What the last import has done. */
  result: ImportResult | undefined
  /** Imports the tasks of files. It can be undone. Never rejects. */
  start(files: readonly TaskFile[]): Promise<ImportResult>
  forget(): void
}

export function useImport(): Import {
  const store = useStore()
  const { report } = useActions()
  const [progress, setProgress] = useState<Progress>()
  const [result, setResult] = useState<ImportResult>()
  const isRunning = progress !== undefined
  useEffect(() => {
    if (!isRunning) return
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault()
    addEventListener('beforeunload', ask)
    return () => removeEventListener('beforeunload', ask)
  }, [isRunning])
  function offerUndo(text: string, created: Created): void {
    report({
      text,
      async undo() {
        try {
          await undoImport(client, created)
        } catch (error) {
          offerUndo(`Not undone. ${failureWords(error)}`, created)
        }
      },
    })
  }
  const knownStates = () => statesOf(store.tasks.query({ trash: 'with' }).get())
  return {
    progress,
    result,
    async start(files) {
      const total = files.reduce((sum, { tasks }) => sum + tasks.length, 0)
      setProgress({ done: 0, total })
      setResult(undefined)
      const ended = await runImport({ client, knownStates }, files, (done) => setProgress({ done, total }))
      setProgress(undefined)
      setResult(ended)
      if (ended.tasks.length > 0) offerUndo(`Imported ${counted(ended.tasks.length, 'task')}`, ended)
      return ended
    },
    forget: () => setResult(undefined),
  }
}
