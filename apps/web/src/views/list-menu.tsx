import { LIMITS, type List } from '@taskwire/client'
import { useLists } from '@taskwire/client/react'
import { Ellipsis } from 'lucide-react'
import { type FormEvent, useId, useRef } from 'react'
import { afterStep } from '../actions/places.ts'
import { formText } from '../calls/form-text.ts'
import { useActions } from '../actions/provider.tsx'

/** Renames and deletes a list. */
export function ListMenu({ list }: { list: List }) {
  const actions = useActions()
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  function rename(event: FormEvent<HTMLFormElement>): void {
    const name = formText(new FormData(event.currentTarget), 'name').trim()
    if (name !== '' && name !== list.name) void actions.renameList(list, name)
  }
  return (
    <>
      <button
        type="button"
        className="icon"
        aria-label={`Change the list ${list.name}`}
        onClick={() => dialog.current?.showModal()}
      >
        <Ellipsis aria-hidden />
      </button>
      <dialog ref={dialog} className="list-menu" aria-labelledby={`${id}-title`} closedby="any">
        <h2 id={`${id}-title`} dir="auto">
          {list.name}
        </h2>
        <form method="dialog" onSubmit={rename}>
          <label htmlFor={`${id}-name`}>Name</label>
          <input
            id={`${id}-name`}
            name="name"
            dir="auto"
            defaultValue={list.name}
            maxLength={LIMITS.listName}
            required
          />
          <button className="primary">Rename</button>
        </form>
        <form method="dialog">
          <p>Position</p>
          <PlaceButton list={list} steps={-1} name="Move up" />
          <PlaceButton list={list} steps={1} name="Move down" />
        </form>
        <form method="dialog">
          <p>Delete the list, which cannot be undone</p>
          <button className="danger" onClick={() => void actions.deleteList(list, 'inbox')}>
            Delete, and move its tasks to the inbox
          </button>
          <button className="danger" onClick={() => void actions.deleteList(list, 'trash')}>
            Delete, and move its tasks to the trash
          </button>
          <button>Cancel</button>
        </form>
      </dialog>
    </>
  )
}

function PlaceButton({ list, steps, name }: { list: List; steps: -1 | 1; name: string }) {
  const actions = useActions()
  const after = afterStep(useLists(), [list], steps)
  return (
    <button
      type="button"
      disabled={after === undefined}
      onClick={() => after !== undefined && void actions.placeList(list, after)}
    >
      {name}
    </button>
  )
}
