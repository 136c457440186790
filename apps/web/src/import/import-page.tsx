import { useLists, useStore, useTasks } from '@taskwire/client/react'
import { counted } from '@taskwire/importers'
import { useEffect, useMemo, useState } from 'react'
import { useActions } from '../actions/provider.tsx'
import { NotReached } from '../calls/not-reached.tsx'
import { client } from '../client.ts'
import { PlainPage } from '../shell/plain-page.tsx'
import { DropZone } from './drop-zone.tsx'
import { FileCard } from './file-card.tsx'
import { planImport } from './plan.ts'
import { Result } from './result.tsx'
import { type ImportResult, runImport, statesOf, undoImport } from './run-import.ts'
import { useFiles } from './use-files.ts'

/** Imports tasks from files. What will be kept and lost is shown before anything is sent. */
export function ImportPage() {
  const store = useStore()
  const { report } = useActions()
  const { files, add, setFormat, remove, clear } = useFiles()
  const [sent, setSent] = useState<number>()
  const [goal, setGoal] = useState(0)
  const [result, setResult] = useState<ImportResult>()
  const all = useTasks({ trash: 'with' })
  const lists = useLists()
  const readable = files.flatMap(({ key, file, source }) => (source === undefined ? [] : [{ key, file, source }]))
  const plans = useMemo(() => {
    const sources = files.flatMap(({ key, source }) => (source === undefined ? [] : [{ key, source }]))
    const planned = planImport(
      sources.map(({ source }) => source),
      statesOf(all),
      lists,
    )
    return new Map(sources.map(({ key }, index) => [key, planned[index]]))
  }, [files, all, lists])
  const total = [...plans.values()].reduce((sum, plan) => sum + (plan?.fresh.length ?? 0), 0)
  const isSending = sent !== undefined

  useEffect(() => {
    if (!isSending) return
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault()
    addEventListener('beforeunload', ask)
    return () => removeEventListener('beforeunload', ask)
  }, [isSending])

  async function start(): Promise<void> {
    setSent(0)
    setGoal(total)
    setResult(undefined)
    const sources = readable.map(({ key, file }) => ({ name: file.name, tasks: plans.get(key)?.fresh ?? [] }))
    const ended = await runImport({ client, store }, sources, setSent)
    setSent(undefined)
    setResult(ended)
    if (ended.error === undefined) clear()
    if (ended.tasks.length > 0)
      report({
        text: `Imported ${counted(ended.tasks.length, 'task')}`,
        undo: async () => await undoImport(client, ended),
      })
  }

  return (
    <PlainPage title="Import">
      <p className="lead">
        Bring your tasks from another program. You see what will be kept before anything is imported, and importing a
        file again adds only what is new in it.
      </p>
      <NotReached>You can look at what a file has, and import it once the service can be reached again.</NotReached>
      {result !== undefined && <Result result={result} />}
      {!isSending && (
        <DropZone
          onFiles={(chosen) => {
            if (result?.error === undefined) setResult(undefined)
            add(chosen)
          }}
        />
      )}
      {!isSending &&
        files.map((chosen) => (
          <FileCard
            key={chosen.key}
            chosen={chosen}
            plan={plans.get(chosen.key)}
            isDisabled={isSending}
            onFormat={(format) => setFormat(chosen, format)}
            onRemove={() => remove(chosen)}
          />
        ))}
      {readable.length > 0 && !isSending && (
        <div className="commit">
          <button type="button" className="primary" disabled={total === 0} onClick={() => void start()}>
            {total === 0 ? 'Nothing to import' : `Import ${counted(total, 'task')}`}
          </button>
          <button type="button" onClick={clear}>
            Cancel
          </button>
        </div>
      )}
      {isSending && (
        <p className="commit" aria-live="polite">
          <progress value={sent} max={goal} aria-label="Imported tasks" />
          {sent} of {counted(goal, 'task')} imported. You can go on working meanwhile, but leave the page open.
        </p>
      )}
    </PlainPage>
  )
}
