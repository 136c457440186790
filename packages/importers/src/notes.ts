/**
 * What importing a file does to its tasks, as data: each note has a kind, and a kind has a sentence
 * for any number of them. The order of NOTE_KINDS is the order in which groups are shown.
 */

/** `lost`: data that is gone. `changed`: kept in another form or place. `info`: nothing is lost. */
export type Loss = 'lost' | 'changed' | 'info'

interface Kind {
  loss: Loss
  /** For a group of so many notes. */
  sentence: (count: number) => string
}

function kind(loss: Loss, one: string, many: string): Kind {
  return { loss, sentence: (count) => (count === 1 ? `1 ${one}` : `${count} ${many}`) }
}

const KINDS = {
  // Tasks and texts that are gone.
  refused: kind('lost', 'task is not taken by the service', 'tasks are not taken by the service'),
  unreadable: kind('lost', 'piece of the file cannot be read', 'pieces of the file cannot be read'),
  'left-out': kind('lost', 'entry is not a task and was left out', 'entries are not tasks and were left out'),
  'title-cut': kind('lost', 'title is cut, and its end is lost', 'titles are cut, and their ends are lost'),
  'description-cut': kind('lost', 'description is cut', 'descriptions are cut'),
  'name-cut': kind('lost', 'name of a tag or list is cut', 'names of tags or lists are cut'),
  tags: kind('lost', 'task has more tags than 10', 'tasks have more tags than 10'),
  // What the service has no field for.
  parent: kind('lost', 'sub-task became a task of its own', 'sub-tasks became tasks of their own'),
  recurrence: kind('lost', 'task no longer repeats', 'tasks no longer repeat'),
  'start-date': kind('lost', 'start date is not kept', 'start dates are not kept'),
  reminder: kind('lost', 'reminder is not kept', 'reminders are not kept'),
  'completion-date': kind('lost', 'completion date is not kept', 'completion dates are not kept'),
  'creation-date': kind('lost', 'creation date is not kept', 'creation dates are not kept'),
  'foreign-id': kind('lost', 'id of the other program is not kept', 'ids of the other program are not kept'),
  due: kind('lost', 'due date cannot be kept', 'due dates cannot be kept'),
  list: kind('lost', 'list has no name, its task is in the inbox', 'lists have no name, their tasks are in the inbox'),
  'empty-list': kind(
    'lost',
    'list or section has no tasks and is not made',
    'lists or sections have no tasks and are not made',
  ),
  relation: kind('lost', 'link to another task is not kept', 'links to other tasks are not kept'),
  people: kind('lost', 'person of a task is not kept', 'people of tasks are not kept'),
  field: kind('lost', 'value has no field here and is not kept', 'values have no field here and are not kept'),
  // Kept in another form or place.
  'title-shortened': kind(
    'changed',
    'title is shortened, its full text is in the description',
    'titles are shortened, their full texts are in the descriptions',
  ),
  'kept-as-words': kind(
    'changed',
    'title holds words with a meaning in todo.txt as text',
    'titles hold words with a meaning in todo.txt as text',
  ),
  'due-as-text': kind(
    'changed',
    'due date is not understood and kept as text in the description',
    'due dates are not understood and kept as text in the descriptions',
  ),
  'in-description': kind(
    'changed',
    'comment, link or place is in the description',
    'comments, links or places are in the descriptions',
  ),
  section: kind('changed', 'section became a tag', 'sections became tags'),
  merged: kind('changed', 'older version of a task was left out', 'older versions of tasks were left out'),
  'zone-unknown': kind(
    'changed',
    'time is of an unknown zone and taken in yours',
    'times are of unknown zones and taken in yours',
  ),
  'zone-converted': kind(
    'changed',
    'time was converted to a zone that is known',
    'times were converted to zones that are known',
  ),
  'due-time': kind('changed', 'due time lost its seconds', 'due times lost their seconds'),
  status: kind('changed', 'status has no equal here', 'statuses have no equal here'),
  priority: kind('changed', 'priority became the nearest one', 'priorities became the nearest ones'),
  trash: kind(
    'changed',
    'task was in the trash and is a live one now',
    'tasks were in the trash and are live ones now',
  ),
  characters: kind(
    'changed',
    'text had characters replaced that cannot be kept',
    'texts had characters replaced that cannot be kept',
  ),
  damaged: kind('changed', 'damaged place was read as far as it goes', 'damaged places were read as far as they go'),
  // Nothing is lost.
  encoding: kind('info', 'file is not in UTF-8', 'files are not in UTF-8'),
  'relative-date': kind('info', 'date in words became a date', 'dates in words became dates'),
  deadline: kind('info', 'deadline or duration became the due date', 'deadlines or durations became the due dates'),
  zone: kind('info', 'zone has another name here', 'zones have other names here'),
  'due-instant': kind(
    'info',
    'due date is an instant in the file, and a time in your zone now',
    'due dates are instants in the file, and times in your zone now',
  ),
  floating: kind(
    'info',
    'time names no zone: it is taken in the zone of the calendar or in yours',
    'times name no zone: they are taken in the zone of the calendar or in yours',
  ),
  untitled: kind('info', 'task has no title and got one', 'tasks have no title and got one'),
  heading: kind('info', 'heading became a task', 'headings became tasks'),
  edited: kind('info', 'value was changed since Taskwire wrote it', 'values were changed since Taskwire wrote them'),
  'shared-id': kind(
    'info',
    'id stands for several tasks and is not used',
    'ids stand for several tasks and are not used',
  ),
  deleted: kind(
    'info',
    'task was deleted in the other program and is left out',
    'tasks were deleted in the other program and are left out',
  ),
  'other-entry': kind(
    'info',
    'entry is no task, such as an event, and is left out',
    'entries are no tasks, such as events, and are left out',
  ),
  setting: kind('info', 'setting of the other program is not kept', 'settings of the other program are not kept'),
  modified: kind('info', 'time of the last change is not kept', 'times of the last change are not kept'),
} as const satisfies Record<string, Kind>

export type NoteKind = keyof typeof KINDS
export const NOTE_KINDS: Readonly<Record<NoteKind, Kind>> = KINDS

/** One thing that importing a file did not keep as it was. */
export interface Note {
  kind: NoteKind
  loss: Loss
  line?: number
  /** The task's title, shortened and in quotes. */
  label?: string
  /** What it is about, such as the words that were lost: one line of text. */
  detail: string
}

/** A note with the loss of its kind. */
export function note(kind: NoteKind, rest: Omit<Note, 'kind' | 'loss'>): Note {
  return { kind, loss: NOTE_KINDS[kind].loss, ...rest }
}

export interface NoteGroup {
  kind: NoteKind
  loss: Loss
  /** `12 sub-tasks became tasks of their own` */
  sentence: string
  notes: Note[]
}

const LOSSES: readonly Loss[] = ['lost', 'changed', 'info']

/** Notes of one kind together: first what is lost, then what changed, then what loses nothing. */
export function groupNotes(notes: readonly Note[]): NoteGroup[] {
  const byKind = Map.groupBy(notes, (note) => note.kind)
  const kinds = Object.keys(KINDS) as NoteKind[] // Object.keys widens to string.
  const groups = kinds.flatMap((name): NoteGroup[] => {
    const group = byKind.get(name)
    const { loss, sentence } = NOTE_KINDS[name]
    return group ? [{ kind: name, loss, sentence: sentence(group.length), notes: group }] : []
  })
  return LOSSES.flatMap((loss) => groups.filter((group) => group.loss === loss))
}
