import { counted } from '@taskwire/importers'
import { CircleCheck, TriangleAlert } from 'lucide-react'
import { Link } from 'wouter'
import { failureWords } from '../calls/failure-words.ts'
import { addressOfList } from '../shell/addresses.ts'
import { Losses } from './losses.tsx'
import type { ImportResult } from './run-import.ts'

/** Says what an import has done, and what to do if it has stopped. */
export function Result({ result: { tasks, lists, refused, error } }: { result: ImportResult }) {
  const [list] = lists
  const created = `${counted(tasks.length, 'task')}${lists.length === 0 ? '' : ` and ${counted(lists.length, 'list')}`}`
  return (
    <section className="card" aria-label="Result" aria-live="polite">
      {error === undefined && tasks.length === 0 && <p>Nothing was imported.</p>}
      {error === undefined && tasks.length > 0 && (
        <p className="done">
          <CircleCheck aria-hidden /> Imported {created}.{' '}
          {list === undefined ? (
            <Link href="/">Go to the inbox</Link>
          ) : (
            <Link href={addressOfList(list)}>{lists.length === 1 ? 'Go to the list' : 'Go to the first list'}</Link>
          )}
        </p>
      )}
      {error !== undefined && (
        <>
          <p role="alert">
            <TriangleAlert aria-hidden /> {tasks.length === 0 ? 'Nothing was imported.' : `Imported only ${created}.`}{' '}
            {failureWords(error)}
          </p>
          <p>The files are still below: import them again to go on. Nothing is created twice.</p>
        </>
      )}
      <Losses notes={refused} />
    </section>
  )
}
