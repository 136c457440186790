import { type ReactNode, useLayoutEffect, useRef } from 'react'

interface PaletteFrameProps {
  /** While the palette is being loaded, nothing. */
  children?: ReactNode
  /** The same function each time. */
  onClose(): void
}

/** The dialog that is there as long as the palette is not, so that what is typed does not reach the page. */
export function PaletteFrame({ children, onClose }: PaletteFrameProps) {
  const element = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => {
    const dialog = element.current
    if (dialog === null) return
    // StrictMode closes it, and opens it again before the event.
    const closed = (): void => void (dialog.open || onClose())
    dialog.showModal()
    dialog.addEventListener('close', closed)
    return () => {
      dialog.removeEventListener('close', closed)
      // The focus returns to where it was, as the palette needs it.
      dialog.close()
    }
  }, [onClose])
  return (
    <dialog
      ref={element}
      className="palette"
      aria-label="Commands"
      aria-busy={children === undefined}
      closedby="any"
      onKeyDown={(event) => event.stopPropagation()}
    >
      {children ?? <p className="empty">Loading…</p>}
    </dialog>
  )
}
