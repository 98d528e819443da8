import { useCallback } from 'react'
import { useSearchParams } from 'react-router'

/** What the address says after the ?, and how to change some of it; undefined and '' take a part away. */
export function useAddress() {
  const [search, setSearch] = useSearchParams()
  const change = useCallback(
    (part: Record<string, string | number | undefined>) =>
      setSearch(
        (now) => {
          const next = new URLSearchParams(now)
          for (const [name, value] of Object.entries(part))
            if (value === undefined || value === '') next.delete(name)
            else next.set(name, String(value))
          return next
        },
        { replace: true, preventScrollReset: true },
      ),
    [setSearch],
  )
  const number = (name: string) => {
    const value = search.get(name)
    return value && /^\d{1,15}$/.test(value) ? Number(value) : undefined
  }
  return { search, change, number }
}
