import type { Edit, EditState, Wish } from '../store/edit.ts'

/** Returns an edit, by default a pending one at the first place of the queue. */
export function editOf(
  wish: Wish,
  { order = 1, base = {}, ...state }: Partial<Pick<Edit, 'order' | 'base'>> & Partial<EditState> = {},
): Edit {
  const common = {
    order,
    base,
    title: 'A task',
    mutationId: `mutation ${order}`,
    contract: '1.0.0',
    madeAt: '2026-11-28T09:00:00.000Z',
  }
  // Without a state it is pending, which needs no other fields.
  return { state: 'pending', ...wish, ...common, ...state } as Edit
}
