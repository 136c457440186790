import { useStore } from '@taskwire/client/react'
import { counted } from '@taskwire/importers'
import { useActions } from '../actions/provider.tsx'
import { failureWords } from '../calls/failure-words.ts'
import { client } from '../client.ts'
import { type Progress, useImportState } from './import-state.tsx'
import { type Created, type ImportResult, runImport, statesOf, type TaskFile } from './run-import.ts'
import { undoImport } from './undo-import.ts'

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
  const { report, reportProblem } = useActions()
  const { progress, result, set } = useImportState()
  const setProgress = (next: Progress | undefined): void => set((state) => ({ ...state, progress: next }))
  const setResult = (next: ImportResult | undefined): void => set((state) => ({ ...state, result: next }))
  function offerUndo(what: string, created: Created, text = what): void {
    report({
      text,
      what,
      async undo() {
        try {
          await undoImport(client, created)
        } catch (error) {
          offerUndo(what, created, `Not undone. ${failureWords(error)}`)
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
      if (ended.tasks.length > 0) offerUndo(textOf(ended), ended)
      else if (ended.error !== undefined) reportProblem(`Nothing was imported. ${failureWords(ended.error)}`)
      return ended
    },
    forget: () => setResult(undefined),
  }
}

/** The user may be on another page when it ends. */
function textOf({ tasks, error }: ImportResult): string {
  const count = counted(tasks.length, 'task')
  return error === undefined ? `Imported ${count}` : `Imported only ${count}; the page Import says why`
}
