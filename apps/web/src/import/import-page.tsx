import { useLists, useTasks } from '@taskwire/client/react'
import { counted } from '@taskwire/importers'
import { useMemo } from 'react'
import { NotReached } from '../calls/not-reached.tsx'
import { PlainPage } from '../shell/plain-page.tsx'
import { DropZone } from './drop-zone.tsx'
import { FileCard } from './file-card.tsx'
import type { ChosenFile, Progress } from './import-state.tsx'
import { type FilePlan, planImport } from './plan.ts'
import { Result } from './result.tsx'
import { statesOf } from './run-import.ts'
import { useFiles } from './use-files.ts'
import { useImport } from './use-import.ts'

/** Imports tasks from files. What will be kept and lost is shown before anything is sent. */
export function ImportPage() {
  const { files, add, setFormat, remove, clear } = useFiles()
  const { progress, result, start, forget } = useImport()
  const plans = usePlans(files)
  const total = [...plans.values()].reduce((sum, { fresh }) => sum + fresh.length, 0)

  async function send(): Promise<void> {
    const { error } = await start(
      files.map(({ key, file }) => ({ name: file.name, tasks: plans.get(key)?.fresh ?? [] })),
    )
    if (error === undefined) clear()
  }
  function choose(chosen: Iterable<File>): void {
    if (result?.error === undefined) forget()
    add(chosen)
  }

  return (
    <PlainPage title="Import">
      <p className="lead">
        Bring your tasks from another program. You see what will be kept before anything is imported, and importing a
        file again adds only what is new in it.
      </p>
      <NotReached>You can look at what a file has, and import it once the service can be reached again.</NotReached>
      {result !== undefined && <Result result={result} />}
      {progress === undefined ? (
        <>
          <DropZone onFiles={choose} />
          {files.map((chosen) => (
            <FileCard
              key={chosen.key}
              chosen={chosen}
              plan={plans.get(chosen.key)}
              onFormat={(format) => setFormat(chosen, format)}
              onRemove={() => remove(chosen)}
            />
          ))}
          {plans.size > 0 && (
            <div className="commit">
              <button type="button" className="primary" disabled={total === 0} onClick={() => void send()}>
                {total === 0 ? 'Nothing to import' : `Import ${counted(total, 'task')}`}
              </button>
              <button type="button" onClick={clear}>
                Cancel
              </button>
            </div>
          )}
        </>
      ) : (
        <Sending progress={progress} />
      )}
    </PlainPage>
  )
}

/** Returns what will become of each file that was read, by its key. */
function usePlans(files: readonly ChosenFile[]): ReadonlyMap<number, FilePlan> {
  const tasks = useTasks({ trash: 'with' })
  const lists = useLists()
  return useMemo(() => {
    const read = files.flatMap(({ key, source }) => (source === undefined ? [] : [{ key, ...source }]))
    const plans = planImport(read, statesOf(tasks), lists)
    return new Map(plans.map((plan) => [plan.key, plan]))
  }, [files, tasks, lists])
}

function Sending({ progress: { done, total } }: { progress: Progress }) {
  return (
    <section className="card" aria-label="Progress">
      <progress value={done} max={total} aria-label="Imported tasks" />
      <p aria-live="polite">
        {done} of {counted(total, 'task')} imported
      </p>
      <p className="soft">You can go to another page meanwhile. Keep this window open until the end.</p>
    </section>
  )
}
