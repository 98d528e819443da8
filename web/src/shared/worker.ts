/** The service worker: the app opens without a network, and a new version is taken when somebody says so. */

const LOOK_AGAIN = 60 * 60_000

let waiting: ServiceWorker | null = null
const watchers = new Set<() => void>()

export const worker = {
  watch(told: () => void): () => void {
    watchers.add(told)
    return () => watchers.delete(told)
  },
  /** Whether a new version waits to be taken. */
  isReady: () => waiting !== null,
  /** Take the new version; the page loads again once it is there. */
  refresh(): void {
    waiting?.postMessage('take over')
  },
}

function ready(found: ServiceWorker | null): void {
  waiting = found
  for (const told of watchers) told()
}

/** Called once, after the page is there. Without secure transport browsers have no workers; then there is none. */
export async function registerWorker(): Promise<void> {
  const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined
  if (!workers) return
  let controlled = workers.controller !== null
  workers.addEventListener('controllerchange', () => {
    // Another tab may have said so: what this one shows belongs to the version before. The first worker changes nothing.
    if (controlled) location.reload()
    controlled = true
  })
  try {
    await register(workers)
  } catch {
    // Private windows and full disks refuse it: the app works without.
  }
}

async function register(workers: ServiceWorkerContainer): Promise<void> {
  const registration = await workers.register('/sw.js', { updateViaCache: 'none' })
  if (registration.waiting && workers.controller) ready(registration.waiting)
  registration.addEventListener('updatefound', () => {
    const fresh = registration.installing
    fresh?.addEventListener('statechange', () => {
      if (fresh.state === 'installed' && workers.controller) ready(fresh)
    })
  })
  let looked = Date.now()
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'visible' || Date.now() - looked < LOOK_AGAIN) return
    looked = Date.now()
    registration.update().catch(() => {})
  })
  const { active } = await workers.ready
  const loaded = performance
    .getEntriesByType('resource')
    .map(({ name }) => new URL(name))
    .filter(({ origin, pathname }) => origin === location.origin && pathname.startsWith('/assets/'))
    .map(({ pathname }) => pathname)
  active?.postMessage({ loaded })
}
