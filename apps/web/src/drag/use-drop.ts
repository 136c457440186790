import { attachClosestEdge } from '@atlaskit/pragmatic-drag-and-drop-hitbox/closest-edge/attach-closest-edge'
import { extractClosestEdge } from '@atlaskit/pragmatic-drag-and-drop-hitbox/closest-edge/extract-closest-edge'
import { dropTargetForElements } from '@atlaskit/pragmatic-drag-and-drop/adapter/element-adapter'
import { type RefObject, useEffect, useEffectEvent, useState } from 'react'
import { type Dragged, draggedIn } from './dragged.ts'

/** Where something is dropped: on the element, or beside it. */
export type Spot = 'on' | 'top' | 'bottom'

interface DropOptions {
  /** Where the element takes this: on it, beside it, or not at all. */
  takes(dragged: Dragged): 'on' | 'beside' | 'not'
  onDrop(dragged: Dragged, spot: Spot): void
}

/** Lets things be dropped on an element or beside it. Returns where what is dragged over it now would be dropped. */
export function useDrop(element: RefObject<HTMLElement | null>, options: DropOptions): Spot | undefined {
  const [spot, setSpot] = useState<Spot>()
  const takes = useEffectEvent(options.takes)
  const drop = useEffectEvent(options.onDrop)
  useEffect(() => {
    if (element.current === null) return
    return dropTargetForElements({
      element: element.current,
      canDrop({ source }) {
        const dragged = draggedIn(source)
        return dragged !== undefined && takes(dragged) !== 'not'
      },
      getData({ source, input, element: over }) {
        const dragged = draggedIn(source)
        const isBeside = dragged !== undefined && takes(dragged) === 'beside'
        return isBeside ? attachClosestEdge({}, { input, element: over, allowedEdges: ['top', 'bottom'] }) : {}
      },
      onDrag: ({ self }) => setSpot(spotOf(self.data)),
      onDragLeave: () => setSpot(undefined),
      onDrop({ self, source }) {
        setSpot(undefined)
        const dragged = draggedIn(source)
        if (dragged !== undefined) drop(dragged, spotOf(self.data))
      },
    })
  }, [element])
  return spot
}

function spotOf(data: Record<string | symbol, unknown>): Spot {
  const edge = extractClosestEdge(data)
  return edge === 'top' || edge === 'bottom' ? edge : 'on'
}
