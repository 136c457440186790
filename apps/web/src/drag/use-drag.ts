import { draggable } from '@atlaskit/pragmatic-drag-and-drop/adapter/element-adapter'
import { pointerOutsideOfPreview } from '@atlaskit/pragmatic-drag-and-drop/utils/pointer-outside-of-preview'
import { setCustomNativeDragPreview } from '@atlaskit/pragmatic-drag-and-drop/utils/set-custom-native-drag-preview'
import { type RefObject, useEffect, useEffectEvent, useState } from 'react'
import { carry, type Dragged } from './dragged.ts'

type Preview = Parameters<NonNullable<Parameters<typeof draggable>[0]['onGenerateDragPreview']>>[0]

/**
 * Makes an element draggable by the browser's own drag and drop, which touch screens start by a long press. Returns true
 * while it is dragged.
 */
export function useDrag(
  element: RefObject<HTMLElement | null>,
  options: { isDraggable: boolean; dragged(): Dragged; name(): string },
): boolean {
  const [isDragged, setDragged] = useState(false)
  const { isDraggable } = options
  const dragged = useEffectEvent(options.dragged)
  const name = useEffectEvent(options.name)
  useEffect(() => {
    if (element.current === null || !isDraggable) return
    return draggable({
      element: element.current,
      getInitialData: () => carry(dragged()),
      onGenerateDragPreview: (preview) => showName(preview, name()),
      onDragStart: () => setDragged(true),
      onDrop: () => setDragged(false),
    })
  }, [element, isDraggable])
  return isDragged
}

/** Shows the name of what is dragged beside the pointer, instead of a picture of one row. */
function showName({ nativeSetDragImage }: Preview, name: string): void {
  setCustomNativeDragPreview({
    nativeSetDragImage,
    getOffset: pointerOutsideOfPreview({ x: '1rem', y: '0.5rem' }),
    render({ container }) {
      const label = document.createElement('div')
      label.className = 'drag-preview'
      label.dir = 'auto'
      label.textContent = name
      container.append(label)
    },
  })
}
