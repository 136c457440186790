import { useTimeZone } from '@taskwire/client/react'
import type { Format } from '@taskwire/importers'
import { useCallback } from 'react'
import { failureWords } from '../calls/failure-words.ts'
import { type ChosenFile, useImportState } from './import-state.tsx'
import { readTaskFile } from './read-file.ts'

interface Files {
  files: readonly ChosenFile[]
  add(files: Iterable<File>): void
  setFormat(chosen: ChosenFile, format: Format): void
  remove(chosen: ChosenFile): void
  clear(): void
}

let lastKey = 0

/** The files that were chosen for an import. They are read at once. */
export function useFiles(): Files {
  const timeZone = useTimeZone()
  const { files, set } = useImportState()
  const setFiles = useCallback(
    (change: (old: readonly ChosenFile[]) => readonly ChosenFile[]) =>
      set((state) => ({ ...state, files: change(state.files) })),
    [set],
  )
  const read = useCallback(
    async (chosen: ChosenFile) => {
      let result: Pick<ChosenFile, 'source' | 'problem'>
      try {
        result = { source: await readTaskFile(chosen.file, chosen.format, timeZone) }
      } catch (error) {
        result = { problem: failureWords(error) }
      }
      // The user may have removed the file meanwhile, or chosen another format, which is another object.
      setFiles((all) => all.map((each) => (each === chosen ? { ...chosen, ...result } : each)))
    },
    [timeZone, setFiles],
  )
  return {
    files,
    add(added) {
      const chosen = [...added].map((file) => ({ key: ++lastKey, file, format: undefined }))
      setFiles((all) => [...all, ...chosen])
      for (const each of chosen) void read(each)
    },
    setFormat({ key, file }, format) {
      const chosen = { key, file, format }
      setFiles((all) => all.map((each) => (each.key === key ? chosen : each)))
      void read(chosen)
    },
    remove: ({ key }) => setFiles((all) => all.filter((each) => each.key !== key)),
    clear: () => setFiles(() => []),
  }
}
