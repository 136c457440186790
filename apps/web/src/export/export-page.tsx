import { useLists, useSync, useTasks, useTimeZone } from '@taskwire/client/react'
import { counted, FORMAT_NAMES, type Format, nameTasks, sortByPlace } from '@taskwire/importers'
import { useState } from 'react'
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
const INBOX = 'inbox'

/** Writes the tasks into a file. It is made from the copy on this device. */
export function ExportPage() {
  const lists = useLists()
  const timeZone = useTimeZone()
  const action = useAction()
  const [format, setFormat] = useState<Format>('json')
  const [place, setPlace] = useState(ALL)
  const [withCompleted, setWithCompleted] = useState(true)
  const tasks = useTasks({
    ...(place !== ALL && { listId: place === INBOX ? null : place }),
    ...(!withCompleted && { complete: false }),
  })
  async function write(): Promise<void> {
    const { exporters } = await import('@taskwire/importers/formats')
    const text = exporters[format](nameTasks(sortByPlace(tasks, lists), lists), { timeZone })
    const { extension, type } = FILE_FORMATS[format]
    download(`taskwire-${dateIn(timeZone, new Date())}.${extension}`, type, text)
  }
  return (
    <PlainPage title="Export">
      <p className="lead">
        Take your tasks with you. Importing the file into Taskwire again restores every field of a task.
      </p>
      <Freshness />
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void action.run(write)
        }}
      >
        <fieldset className="choices">
          <legend>Format</legend>
          {NAMES.map((name) => (
            <label key={name} className="choice">
              <input type="radio" name="format" checked={name === format} onChange={() => setFormat(name)} />
              <span>
                <strong>{FORMAT_NAMES[name]}</strong>
                <small>For {FILE_FORMATS[name].readers}</small>
              </span>
            </label>
          ))}
        </fieldset>
        <div className="row">
          <label className="field">
            Tasks of
            <select value={place} onChange={(event) => setPlace(event.target.value)}>
              <option value={ALL}>all lists</option>
              <option value={INBOX}>the inbox</option>
              {lists.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <label className="check">
            <input
              type="checkbox"
              checked={withCompleted}
              onChange={(event) => setWithCompleted(event.target.checked)}
            />
            With completed tasks
          </label>
        </div>
        <Gaps format={format} gaps={gapsOf(format, tasks)} />
        <button className="primary" disabled={tasks.length === 0 || action.state === 'running'}>
          {tasks.length === 0 ? 'No tasks to export' : `Download ${counted(tasks.length, 'task')}`}
        </button>
        <Outcome action={action} done="The file is written. Look for it among your downloads." />
      </form>
      <p className="soft">
        The trash and the history are not part of it. <Link href="/settings">A file with everything</Link> has them too.
      </p>
    </PlainPage>
  )
}

/** Says what other programs do not find in the file. */
function Gaps({ format, gaps }: { format: Format; gaps: readonly string[] }) {
  if (format === 'json')
    return (
      <p className="soft">Every field of a task is kept. An import sets the times of creation and completion anew.</p>
    )
  if (gaps.length === 0)
    return <p className="soft">Of these tasks, other programs find everything that the format has a place for.</p>
  return (
    <section className="losses" aria-label="What other programs do not find">
      <h2>What other programs do not find</h2>
      <ul>
        {gaps.map((each) => (
          <li key={each}>{each}</li>
        ))}
      </ul>
      <p className="soft">The file has them in a form that Taskwire alone reads.</p>
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
