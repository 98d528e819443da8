declare global {
  /** What public/before-paint.js asked the API for while the app's code was on its way, by path and query. */
  var foresailAhead: Map<string, Promise<Response>> | undefined
}

/** So long an answer counts as just given, in milliseconds since the page was opened. */
const FRESH = 10_000

/** Return the answer that was asked for ahead, once; undefined where none was, or it is too old to be believed. */
export function takeAhead(request: Request): Promise<Response> | undefined {
  const asked = globalThis.foresailAhead
  if (!asked || request.method !== 'GET') return undefined
  if (performance.now() > FRESH) asked.clear()
  const { pathname, search } = new URL(request.url)
  const found = asked.get(pathname + search)
  asked.delete(pathname + search)
  // A refusal is asked for again: meanwhile somebody may have signed in.
  return found?.then((response) => (response.ok ? response : globalThis.fetch(request)))
}

/** So long the first picture waits for what was asked ahead, in milliseconds: with it, it is drawn once instead of twice. */
const WORTH_WAITING = 150

/** Hand over what was asked for ahead and is answered by now, or a moment later; the rest stays to be taken. */
export async function keepAhead(keep: (path: string, body: unknown) => void): Promise<void> {
  const asked = globalThis.foresailAhead
  if (!asked || performance.now() > FRESH) return
  let late = false
  const kept = [...asked].map(async ([path, answer]) => {
    const response = await answer
    if (!response.ok) return
    const body: unknown = await response.clone().json()
    if (!late && asked.delete(path)) keep(path, body)
  })
  await Promise.race([Promise.allSettled(kept), new Promise((done) => setTimeout(done, WORTH_WAITING))])
  late = true
}
