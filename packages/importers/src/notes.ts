/**
 * Notes on what an import lost or changed. Each note has a kind, and each kind a sentence for a group of any
 * size. Groups are shown in the order of NOTE_KINDS.
 */

/** `lost`: data was lost. `changed`: data was kept in another form or field. `info`: nothing was lost. */
export type Loss = 'lost' | 'changed' | 'info'

interface Kind {
  loss: Loss
  /** The sentence for a group of `count` notes. */
  sentence: (count: number) => string
}

function kind(loss: Loss, one: string, many: string): Kind {
  return { loss, sentence: (count) => (count === 1 ? `1 ${one}` : `${count} ${many}`) }
}

const KINDS = {
  // Lost tasks and text.
  refused: kind('lost', 'task was refused by the service', 'tasks were refused by the service'),
  unreadable: kind('lost', 'part of the file cannot be read', 'parts of the file cannot be read'),
  'left-out': kind('lost', 'entry is not a task and was left out', 'entries are not tasks and were left out'),
  'title-cut': kind('lost', 'title is cut, and its end is lost', 'titles are cut, and their ends are lost'),
  'description-cut': kind('lost', 'description is cut', 'descriptions are cut'),
  'name-cut': kind('lost', 'name of a tag or list is cut', 'names of tags or lists are cut'),
  tags: kind('lost', 'task has more than 10 tags', 'tasks have more than 10 tags'),
  // Values that have no field in the service.
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
    'list or section has no tasks and is not created',
    'lists or sections have no tasks and are not created',
  ),
  relation: kind('lost', 'link to another task is not kept', 'links to other tasks are not kept'),
  people: kind('lost', 'person named in a task is not kept', 'people named in tasks are not kept'),
  field: kind('lost', 'value has no field here and is not kept', 'values have no field here and are not kept'),
  // Kept in another form or field.
  'title-shortened': kind(
    'changed',
    'title is shortened, its full text is in the description',
    'titles are shortened, their full texts are in the descriptions',
  ),
  'kept-as-words': kind(
    'changed',
    'title still contains keywords of todo.txt',
    'titles still contain keywords of todo.txt',
  ),
  'due-as-text': kind(
    'changed',
    'due date is not understood, and is kept as text in the description',
    'due dates are not understood, and are kept as text in the descriptions',
  ),
  'in-description': kind(
    'changed',
    'comment, link or location is in the description',
    'comments, links or locations are in the descriptions',
  ),
  section: kind('changed', 'section became a tag', 'sections became tags'),
  merged: kind('changed', 'older version of a task was left out', 'older versions of tasks were left out'),
  'zone-unknown': kind(
    'changed',
    'time names an unknown zone and is read in yours',
    'times name unknown zones and are read in yours',
  ),
  'zone-converted': kind('changed', 'time was converted to your zone', 'times were converted to your zone'),
  'due-time': kind('changed', 'due time lost its seconds', 'due times lost their seconds'),
  status: kind('changed', 'status has no equivalent here', 'statuses have no equivalent here'),
  priority: kind('changed', 'priority became the nearest one', 'priorities became the nearest ones'),
  trash: kind('changed', 'task was in the trash and is no longer', 'tasks were in the trash and are no longer'),
  characters: kind('changed', 'text had unsupported characters replaced', 'texts had unsupported characters replaced'),
  damaged: kind('changed', 'damaged part was read as far as possible', 'damaged parts were read as far as possible'),
  // Nothing was lost.
  encoding: kind('info', 'file is not in UTF-8', 'files are not in UTF-8'),
  'relative-date': kind('info', 'date in words became a date', 'dates in words became dates'),
  deadline: kind('info', 'deadline or duration became the due date', 'deadlines or durations became the due dates'),
  zone: kind('info', 'zone has another name here', 'zones have other names here'),
  'due-instant': kind(
    'info',
    'due date was an instant in the file and is now a time in your zone',
    'due dates were instants in the file and are now times in your zone',
  ),
  floating: kind(
    'info',
    'time names no zone and is read in the zone of the calendar or in yours',
    'times name no zone and are read in the zone of the calendar or in yours',
  ),
  untitled: kind('info', 'task has no title and got one', 'tasks have no title and got one'),
  heading: kind('info', 'heading became a task', 'headings became tasks'),
  edited: kind('info', 'value was changed since Taskwire wrote it', 'values were changed since Taskwire wrote them'),
  'shared-id': kind(
    'info',
    'id is used by several tasks and is ignored',
    'ids are used by several tasks and are ignored',
  ),
  deleted: kind(
    'info',
    'task was deleted in the other program and is left out',
    'tasks were deleted in the other program and are left out',
  ),
  'other-entry': kind(
    'info',
    'entry is not a task (such as an event) and is left out',
    'entries are not tasks (such as events) and are left out',
  ),
  setting: kind('info', 'setting of the other program is not kept', 'settings of the other program are not kept'),
  modified: kind('info', 'time of the last change is not kept', 'times of the last change are not kept'),
} as const satisfies Record<string, Kind>

export type NoteKind = keyof typeof KINDS
export const NOTE_KINDS: Readonly<Record<NoteKind, Kind>> = KINDS

/** A value that the import did not keep unchanged. */
export interface Note {
  kind: NoteKind
  loss: Loss
  line?: number
  /** The task's title, shortened and in quotes. */
  label?: string
  /** What was lost or changed, on one line. */
  detail: string
}

/** Creates a note with the loss of its kind. */
export function createNote(kind: NoteKind, rest: Omit<Note, 'kind' | 'loss'>): Note {
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

/** Groups notes by kind: `lost` first, then `changed`, then `info`. */
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
