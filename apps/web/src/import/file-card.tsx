import { counted, FORMAT_NAMES, FORMATS, type Format, type TaskDraft } from '@taskwire/importers'
import { CircleCheck, X } from 'lucide-react'
import { useActions } from '../actions/provider.tsx'
import { useAction } from '../calls/use-action.ts'
import { client } from '../client.ts'
import type { ChosenFile } from './import-state.tsx'
import { formatDue } from '../tasks/words.ts'
import { useToday } from '../views/today.ts'
import { Losses } from './losses.tsx'
import type { FilePlan } from './plan.ts'
import { toAll } from './undo-import.ts'

interface FileCardProps {
  chosen: ChosenFile
  /** Undefined while the file is being read, and if it cannot be read. */
  plan: FilePlan | undefined
  onFormat(format: Format): void
  onRemove(): void
}

/** One file, and what its import will do. */
export function FileCard({ chosen, plan, onFormat, onRemove }: FileCardProps) {
  const { file, source, problem } = chosen
  const format = chosen.format ?? source?.format
  return (
    <section className="card" aria-label={file.name}>
      <header>
        <h2 dir="auto">{file.name}</h2>
        <select
          aria-label={`Format of ${file.name}`}
          value={format ?? ''}
          // The options are FORMATS.
          onChange={(event) => onFormat(event.target.value as Format)}
        >
          {format === undefined && <option value="">Choose the format</option>}
          {FORMATS.map((each) => (
            <option key={each} value={each}>
              {FORMAT_NAMES[each]}
            </option>
          ))}
        </select>
        <button type="button" className="icon" aria-label={`Remove ${file.name}`} onClick={onRemove}>
          <X aria-hidden />
        </button>
      </header>
      {problem !== undefined && <p role="alert">{problem}</p>}
      {problem === undefined && plan === undefined && <p className="soft">Reading…</p>}
      {plan !== undefined && <Plan plan={plan} />}
    </section>
  )
}

function Plan({ plan: { fresh, existing, trashed, places, notes } }: { plan: FilePlan }) {
  const there = existing.open + existing.complete + existing.trash + existing.repeated
  return (
    <>
      <p>
        {fresh.length === 0
          ? there === 0
            ? 'There are no tasks in this file.'
            : 'Nothing is new in this file.'
          : `${counted(fresh.length, 'new task')}.`}{' '}
        {there > 0 && <span className="soft">{thereWords(there, existing)}</span>}
      </p>
      {trashed.length > 0 && <RestoreButton ids={trashed} />}
      {fresh.length > 0 && (
        <ul className="places" aria-label="Where the tasks will be">
          {places.map((place) => (
            <li key={place.name ?? ''}>
              <bdi>{place.name ?? 'Inbox'}</bdi>: {place.count}
              {place.isNew && ', a new list'}
            </li>
          ))}
        </ul>
      )}
      {fresh.length > 0 && notes.length === 0 && (
        <p className="done">
          <CircleCheck aria-hidden /> Everything in it is kept.
        </p>
      )}
      <Losses notes={notes} />
      {fresh.length > 0 && <Preview tasks={fresh} />}
    </>
  )
}

function thereWords(total: number, { trash, repeated }: FilePlan['existing']): string {
  const parts = [
    ...(trash > 0 ? [`${trash} in the trash`] : []),
    ...(repeated > 0 ? [`${repeated} in a file above`] : []),
  ]
  const which = parts.length === 0 ? '' : ` (${parts.join(', ')})`
  return `${counted(total, 'task')} already here${which}, left as ${total === 1 ? 'it is' : 'they are'}.`
}

/** Restores the tasks of the file that are in the trash. */
function RestoreButton({ ids }: { ids: readonly string[] }) {
  const { report } = useActions()
  const action = useAction()
  async function restore(): Promise<void> {
    await toAll(client, ids, 'restore')
    report({
      text: `Restored ${counted(ids.length, 'task')}`,
      undo: async () => await toAll(client, ids, 'delete'),
    })
  }
  return (
    <p>
      <button type="button" disabled={action.state === 'running'} onClick={() => void action.run(restore)}>
        Restore {ids.length === 1 ? 'it' : `all ${ids.length}`} from the trash
      </button>{' '}
      <span role="alert">{action.problem}</span>
    </p>
  )
}

/** How many tasks are shown before they are imported. */
const SHOWN = 20

function Preview({ tasks }: { tasks: readonly TaskDraft[] }) {
  const today = useToday()
  return (
    <details className="preview">
      <summary>{tasks.length > SHOWN ? `See the first ${SHOWN} tasks` : 'See the tasks'}</summary>
      <ul>
        {tasks.slice(0, SHOWN).map((task) => (
          <li key={task.id}>
            <bdi data-complete={task.complete || undefined}>{task.title}</bdi>
            <small dir="auto">{detailsOf(task, today)}</small>
          </li>
        ))}
      </ul>
    </details>
  )
}

function detailsOf({ list, due, priority, tags, complete }: TaskDraft, today: string): string {
  const parts = [
    complete ? 'completed' : '',
    list ?? '',
    due === null ? '' : `due ${formatDue(due, today)}`,
    priority === 'none' ? '' : priority,
    ...tags.map((tag) => `@${tag}`),
  ]
  return parts.filter((part) => part !== '').join(' · ')
}
