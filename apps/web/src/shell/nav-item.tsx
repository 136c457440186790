import type { KeyboardEvent, ReactNode, Ref } from 'react'
import { Link } from 'wouter'
import { usePathname } from 'wouter/use-browser-location'
import type { Spot } from '../drag/use-drop.ts'

interface NavItemProps {
  href: string
  icon: ReactNode
  /** How many tasks are there; 0 is not shown. */
  count?: number
  children: string
  ref?: Ref<HTMLLIElement>
  /** Where what is dragged over it would be dropped. */
  spot?: Spot | undefined
  onKeyDown?(event: KeyboardEvent): void
}

/** A link of the navigation. */
export function NavItem({ href, icon, count = 0, children, ref, spot, onKeyDown }: NavItemProps) {
  // As in the addresses, nothing is decoded.
  const path = usePathname()
  return (
    <li ref={ref} data-spot={spot}>
      {/* Browsers drag links by themselves, which would hide that the item is dragged. */}
      <Link href={href} draggable={false} aria-current={path === href ? 'page' : undefined} onKeyDown={onKeyDown}>
        {icon}
        <span className="name">
          <bdi>{children}</bdi>
        </span>
        {count > 0 && <span className="count">{count}</span>}
      </Link>
    </li>
  )
}
