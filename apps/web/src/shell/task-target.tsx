import type { Task } from '@taskwire/client'
import { type ComponentProps, useRef } from 'react'
import { useDrop } from '../drag/use-drop.ts'
import { NavItem } from './nav-item.tsx'

interface TaskTargetProps extends Omit<ComponentProps<typeof NavItem>, 'ref' | 'spot'> {
  /** What becomes of tasks that are dropped on it; undefined: it takes none. */
  onTasks: ((tasks: readonly Task[]) => unknown) | undefined
}

/** A link of the navigation on which tasks can be dropped. */
export function TaskTarget({ onTasks, ...item }: TaskTargetProps) {
  const element = useRef<HTMLLIElement>(null)
  const spot = useDrop(element, {
    takes: ({ tasks }) => (tasks === undefined || onTasks === undefined ? 'not' : 'on'),
    onDrop: ({ tasks }) => tasks !== undefined && onTasks?.(tasks),
  })
  return <NavItem ref={element} spot={spot} {...item} />
}
