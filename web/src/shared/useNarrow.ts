import { useSyncExternalStore } from 'react'

const phone = matchMedia('(max-width: 767.98px)')

const watch = (told: () => void) => {
  phone.addEventListener('change', told)
  return () => phone.removeEventListener('change', told)
}

/** Whether the screen is a phone's: below 768 px, where the shell has its bar at the bottom. */
export function useNarrow(): boolean {
  return useSyncExternalStore(watch, () => phone.matches)
}
