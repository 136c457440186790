import type { TaskFilter } from '@taskwire/client'
import { useLists, useSync, useTasks, useTimeZone } from '@taskwire/client/react'
import { counted, FORMAT_NAMES, type Format, INBOX, nameTasks, sortByPlace } from '@taskwire/importers'
import { type FormEvent, useState } from 'react'
import { Link } from 'wouter'
import { Outcome } from '../calls/outcome.tsx'
import { useAction } from '../calls/use-action.ts'
import { PlainPage } from '../shell/plain-page.tsx'
import { dateIn } from '../views/today.ts'
import { download } from './download.ts'
import { FILE_FORMATS, gapsOf } from './formats.ts'

// Object.keys widens to string.
const NAMES = Object.keys(FILE_FORMATS) as Format[]
const ALL = 'all'

/** Writes the tasks into a file. It is made from the copy on this device. */
export function ExportPage() {
  const lists = useLists()
  const timeZone = useTimeZone()
  const action = useAction()
  const [format, setFormat] = useState<Format>('json')
  const [which, setWhich] = useState<Which>({ place: ALL, withCompleted: true })
  const tasks = useTasks(filterOf(which))
  async function write(): Promise<void> {
    const { exporters } = await import('@taskwire/importers/formats')
    const text = exporters[format](nameTasks(sortByPlace(tasks, lists), lists), { timeZone })
    const { extension, type } = FILE_FORMATS[format]
    download(`taskwire-${format}-${dateIn(timeZone, new Date())}.${extension}`, type, text)
  }
  function onSubmit(event: FormEvent): void {
    event.preventDefault()
    void action.run(write)
  }
  return (
    <PlainPage title="Export">
      <p className="lead">
        Take your tasks with you. Importing the file into Taskwire again restores every field of a task.
      </p>
      <Freshness />
      <form onSubmit={onSubmit}>
        <ChooseFormat format={format} onChange={setFormat} />
        <ChooseTasks which={which} onChange={setWhich} />
        <Gaps format={format} gaps={gapsOf(format, tasks, timeZone)} />
        <button className="primary" disabled={tasks.length === 0 || action.state === 'running'}>
          {tasks.length === 0 ? 'No tasks to export' : `Download ${counted(tasks.length, 'task')}`}
        </button>
        <Outcome action={action} done="Your file is ready. Look in your downloads." />
      </form>
      <p className="soft">
        The trash and the history are not part of it. <Link href="/settings">A file with everything</Link> has them too.
      </p>
    </PlainPage>
  )
}

function ChooseFormat({ format, onChange }: { format: Format; onChange(format: Format): void }) {
  return (
    <fieldset className="choices">
      <legend>Format</legend>
      {NAMES.map((name) => (
        <label key={name} className="choice">
          <input type="radio" name="format" checked={name === format} onChange={() => onChange(name)} />
          <span>
            <strong>{FORMAT_NAMES[name]}</strong>
            <small>For {FILE_FORMATS[name].readers}</small>
          </span>
        </label>
      ))}
    </fieldset>
  )
}

/** Which tasks are exported. `place` is ALL, INBOX or the id of a list. */
interface Which {
  place: string
  withCompleted: boolean
}

const filterOf = ({ place, withCompleted }: Which): TaskFilter => ({
  ...(place !== ALL && { listId: place === INBOX ? null : place }),
  ...(!withCompleted && { complete: false }),
})

function ChooseTasks({ which, onChange }: { which: Which; onChange(which: Which): void }) {
  const lists = useLists()
  return (
    <div className="row">
      <label className="field">
        Tasks of
        <select value={which.place} onChange={(event) => onChange({ ...which, place: event.target.value })}>
          <option value={ALL}>all lists</option>
          <option value={INBOX}>the inbox</option>
          {lists.map(({ id, name }) => (
            <option key={id} value={id} dir="auto">
              {name}
            </option>
          ))}
        </select>
      </label>
      <label className="check">
        <input
          type="checkbox"
          checked={which.withCompleted}
          onChange={(event) => onChange({ ...which, withCompleted: event.target.checked })}
        />
        With completed tasks
      </label>
    </div>
  )
}

/** Says what other programs do not find in the file as it is here. */
function Gaps({ format, gaps }: { format: Format; gaps: readonly string[] }) {
  if (format === 'json')
    return (
      <p className="soft">
        Every field of a task is kept. Imported again, tasks get new creation and completion times.
      </p>
    )
  if (gaps.length === 0) return <p className="soft">Nothing is lost for other programs.</p>
  return (
    <section className="losses" aria-label="What other programs will not see">
      <h2>What other programs will not see</h2>
      <ul>
        {gaps.map((each) => (
          <li key={each}>{each}</li>
        ))}
      </ul>
      <p className="soft">Taskwire itself can still read all of it.</p>
    </section>
  )
}

function Freshness() {
  const { state, lastSynced } = useSync()
  if (state !== 'offline') return null
  return (
    <p className="notice">
      The service cannot be reached. The file has the tasks of this device
      {lastSynced === null ? '.' : `, as of ${lastSynced.toLocaleString()}, and your own changes since then.`}
    </p>
  )
}
