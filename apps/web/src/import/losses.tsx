import { groupNotes, linesOf, type Loss, type Note, NOTE_KINDS } from '@taskwire/importers'

const HEADINGS: readonly [Loss, string][] = [
  ['lost', 'Not kept'],
  ['changed', 'Kept in another form'],
  ['info', 'Good to know'],
]

/** Of a kind with more notes, only this many are listed. */
const MOST = 100

/** What an import does not keep as it is, by kind, losses first. */
export function Losses({ notes }: { notes: readonly Note[] }) {
  const groups = Map.groupBy(groupNotes(notes), ({ loss }) => loss)
  return HEADINGS.filter(([loss]) => groups.has(loss)).map(([loss, heading]) => (
    <section key={loss} className="losses" data-loss={loss}>
      <h3>{heading}</h3>
      <ul>
        {groups.get(loss)?.map(({ kind, sentence, notes: group }) => (
          <li key={kind}>
            <details>
              <summary>
                {sentence} <LineNumbers notes={group} />
              </summary>
              <ul>
                {group.slice(0, MOST).map((note, index) => (
                  <NoteLine key={index} note={note} />
                ))}
                {group.length > MOST && <li>and {group.length - MOST} more</li>}
              </ul>
            </details>
          </li>
        ))}
      </ul>
    </section>
  ))
}

function LineNumbers({ notes }: { notes: readonly Note[] }) {
  const lines = linesOf(notes.map(({ line }) => line))
  return lines === '' ? null : <small>{lines}</small>
}

function NoteLine({ note: { kind, line, label, detail } }: { note: Note }) {
  // Without a detail, the sentence for one note says what happened, without its number.
  const what = detail === '' ? NOTE_KINDS[kind].sentence(1).replace(/^1 /u, '') : detail
  return (
    <li>
      {label !== undefined && (
        <strong>
          <bdi>{label}</bdi>{' '}
        </strong>
      )}
      {what}
      {line !== undefined && <small> line {line}</small>}
    </li>
  )
}
