import { FileUp } from 'lucide-react'
import { type ChangeEvent, type DragEvent, useRef, useState } from 'react'

/** Takes files by a button, or dropped onto it. */
export function DropZone({ onFiles }: { onFiles(files: Iterable<File>): void }) {
  const input = useRef<HTMLInputElement>(null)
  const [isOver, setOver] = useState(false)
  function drop(event: DragEvent): void {
    event.preventDefault()
    setOver(false)
    onFiles(event.dataTransfer.files)
  }
  function choose({ target }: ChangeEvent<HTMLInputElement>): void {
    onFiles([...(target.files ?? [])])
    // So that the same file can be chosen again.
    target.value = ''
  }
  return (
    <div
      className="drop-zone"
      data-over={isOver || undefined}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <FileUp aria-hidden />
      <p>
        <button type="button" onClick={() => input.current?.click()}>
          Choose files
        </button>{' '}
        or drop them here
      </p>
      <small>todo.txt, calendars (.ics), Todoist, Taskwarrior, Google Tasks, and files of Taskwire</small>
      <input ref={input} type="file" multiple hidden aria-label="Files to import" onChange={choose} />
    </div>
  )
}
