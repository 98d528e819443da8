import { type ComponentType, lazy, useState } from 'react'

/**
 * React's `lazy`, but what was loaded meanwhile is shown at once: React puts even a part that is there behind its
 * placeholder for a third of a second. `load` loads it ahead.
 */
export function lazily<Props extends object>(load: () => Promise<{ default: ComponentType<Props> }>) {
  let loaded: ComponentType<Props> | undefined
  const ahead = () =>
    load().then((module) => {
      loaded = module.default
      return module
    })
  const Later = lazy(ahead)
  function Lazily(props: Props) {
    // Kept while it is shown: another component in its place would begin anew.
    const [Part] = useState<ComponentType<Props>>(() => loaded ?? Later)
    return <Part {...props} />
  }
  return Object.assign(Lazily, { load: () => void ahead().catch(() => undefined) })
}
