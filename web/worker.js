// Keeps the app's own files, so that it opens without a network. What the API says is never kept: its calls
// do not even pass through here where the browser can do so. vite.config.ts fills in the files of a build.

const VERSION = '__VERSION__'
/** What every page needs: kept before this worker takes over. */
const SHELL = __SHELL__
/** Every file of this build with a hash in its name: kept once a page has asked for it. */
const ASSETS = new Set(__ASSETS__)
const CACHE = `foresail-${VERSION}`

self.addEventListener('install', (event) => {
  // Calls of the API then do not wait for this worker to wake up and wave them through.
  event.addRoutes?.({ condition: { urlPattern: '/api/*' }, source: 'network' }).catch(() => {})
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(SHELL.map((path) => new Request(path, { cache: 'no-cache' })))),
  )
})

self.addEventListener('activate', (event) => {
  event.waitUntil(takeOver().then(() => self.clients.claim()))
})

/** Keep what of older builds is in this one too; let go of the rest. */
async function takeOver() {
  const cache = await caches.open(CACHE)
  for (const name of await caches.keys()) {
    if (name === CACHE) continue
    const old = await caches.open(name)
    for (const request of await old.keys()) {
      const kept = ASSETS.has(new URL(request.url).pathname) && (await old.match(request))
      if (kept) await cache.put(request, kept)
    }
    await caches.delete(name)
  }
}

self.addEventListener('message', (event) => {
  const { data } = event
  if (data === 'take over') self.skipWaiting()
  // What the page had loaded before this worker came.
  else if (Array.isArray(data?.loaded)) event.waitUntil(keepLoaded(data.loaded))
})

async function keepLoaded(paths) {
  const cache = await caches.open(CACHE)
  for (const path of paths)
    if (ASSETS.has(path) && !(await cache.match(path))) await cache.add(path).catch(() => {})
}

self.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== self.location.origin) return
  if (ASSETS.has(pathname)) event.respondWith(asset(event))
  else if (SHELL.includes(pathname) && pathname !== '/') event.respondWith(orKept(request, pathname))
  else if (request.mode === 'navigate' && isPage(pathname)) event.respondWith(orKept(request, '/'))
})

/** The addresses of the app's pages: all but those of the API, of files, and of the server's own health. */
function isPage(pathname) {
  return !/^\/(api|healthz|readyz|metrics)(\/|$)/.test(pathname) && !/\.[^/]*$/.test(pathname)
}

/** A file that never changes: the one that is kept, else the server's, which waits for no disk. */
async function asset(event) {
  const { request } = event
  const kept = await caches.match(request.url, { cacheName: CACHE })
  if (kept) return kept
  const answer = await fetch(request)
  if (answer.ok) event.waitUntil(keep(request.url, answer.clone()))
  return answer
}

async function keep(url, answer) {
  try {
    await (await caches.open(CACHE)).put(url, answer)
  } catch {
    // A full disk refuses it: the next visit asks the server again.
  }
}

/** What the server has now; only without a network, what is kept. */
async function orKept(request, path) {
  try {
    return await fetch(request)
  } catch (error) {
    const kept = await caches.match(path, { cacheName: CACHE })
    if (kept) return kept
    throw error
  }
}
