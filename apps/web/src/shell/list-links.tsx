import type { List } from '@taskwire/client'
import { useLists } from '@taskwire/client/react'
import { Hash } from 'lucide-react'
import { type KeyboardEvent, useRef } from 'react'
import { afterDrop, afterStep } from '../actions/places.ts'
import { useActions } from '../actions/provider.tsx'
import { useDrag } from '../drag/use-drag.ts'
import { type Spot, useDrop } from '../drag/use-drop.ts'
import { addressOfList } from './addresses.ts'
import { NavItem } from './nav-item.tsx'

/** The links to all lists, which can be put in order. */
export function ListLinks() {
  const lists = useLists()
  return (
    <ul>
      {lists.map((list) => (
        <ListLink key={list.id} list={list} lists={lists} />
      ))}
    </ul>
  )
}

function ListLink({ list, lists }: { list: List; lists: readonly List[] }) {
  const actions = useActions()
  const element = useRef<HTMLLIElement>(null)
  useDrag(element, { isDraggable: true, dragged: () => ({ list }), name: () => list.name })
  const spot = useDrop(element, {
    takes: ({ tasks }) => (tasks === undefined ? 'beside' : 'on'),
    onDrop(dragged, where) {
      if (dragged.tasks !== undefined) void actions.move(dragged.tasks, list.id)
      else placeBeside(dragged.list, where)
    },
  })
  function placeBeside(moved: List, where: Spot): void {
    const after = afterDrop(lists, [moved], list.id, where === 'top' ? 'top' : 'bottom')
    if (after !== undefined && moved.id !== list.id) void actions.placeList(moved, after)
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return
    event.preventDefault()
    const after = afterStep(lists, [list], event.key === 'ArrowUp' ? -1 : 1)
    if (after !== undefined) void actions.placeList(list, after)
  }
  return (
    <NavItem ref={element} spot={spot} href={addressOfList(list.id)} icon={<Hash aria-hidden />} onKeyDown={onKeyDown}>
      {list.name}
    </NavItem>
  )
}
