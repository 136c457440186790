import type { Task } from '@taskwire/client'
import { useStore } from '@taskwire/client/react'
import {
  createContext,
  lazy,
  type ReactNode,
  Suspense,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { useOpenTask } from '../detail/open-task.ts'
import { NOT_LOADED } from '../calls/failure-words.ts'
import { NotShown, PageBoundary } from '../shell/page-boundary.tsx'
import type { PalettePage } from './command.ts'
import { PaletteFrame } from './palette-frame.tsx'

const Palette = lazy(async () => ({ default: (await import('./palette.tsx')).Palette }))

type Chosen = () => readonly Task[]
interface PaletteControl {
  /** Opens the palette, which acts on the tasks that are chosen in the list in sight, or else on the open one. */
  open(page?: PalettePage): void
  /** Tells how to know which tasks are chosen; undefined: there is no list in sight. */
  provide(chosen: Chosen | undefined): void
}

const PaletteContext = createContext<PaletteControl | undefined>(undefined)

/** Shows the command palette, which is loaded when it is first opened. */
export function PaletteProvider({ children }: { children: ReactNode }) {
  const [opened, setOpened] = useState<{ page: PalettePage; tasks: readonly Task[] }>()
  const chosen = useRef<Chosen>(undefined)
  const { tasks } = useStore()
  const [openId] = useOpenTask()
  const close = useCallback(() => setOpened(undefined), [])
  const control = useMemo<PaletteControl>(
    () => ({
      open(page = 'all') {
        const inList = chosen.current?.() ?? []
        const openTask = openId === undefined ? undefined : tasks.get(openId).get()
        const chosenTasks = inList.length > 0 || openTask === undefined ? inList : [openTask]
        const needsTasks = page !== 'all' && page !== 'new-list'
        if (!needsTasks || chosenTasks.length > 0) setOpened({ page, tasks: chosenTasks })
      },
      provide: (next) => (chosen.current = next),
    }),
    [tasks, openId],
  )
  return (
    <PaletteContext value={control}>
      {children}
      {opened !== undefined && (
        <PageBoundary
          instead={
            <PaletteFrame onClose={close}>
              <NotShown className="empty">{NOT_LOADED}</NotShown>
            </PaletteFrame>
          }
        >
          <Suspense fallback={<PaletteFrame onClose={close} />}>
            <Palette {...opened} onClose={close} />
          </Suspense>
        </PageBoundary>
      )}
    </PaletteContext>
  )
}

export function usePalette(): PaletteControl {
  const palette = useContext(PaletteContext)
  if (palette === undefined) throw new Error('There is no palette: render this component inside <PaletteProvider>')
  return palette
}

/** Lets the palette act on the tasks that `chosen` returns, while the component is shown. */
export function useChosenTasks(chosen: Chosen): void {
  const { provide } = usePalette()
  useEffect(() => {
    provide(chosen)
    return () => provide(undefined)
  })
}
