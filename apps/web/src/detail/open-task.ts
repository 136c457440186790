import { useSearchParams } from 'wouter'

/** Returns the id of the task whose details are open, and a function that opens another one. It is in the address. */
export function useOpenTask(): [string | undefined, (id: string | undefined) => void] {
  const [search, setSearch] = useSearchParams()
  return [
    search.get('task') ?? undefined,
    (id) =>
      setSearch((old) => {
        const next = new URLSearchParams(old)
        if (id === undefined) next.delete('task')
        else next.set('task', id)
        return next
      }),
  ]
}
