import { type QueryKey, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useSyncExternalStore } from 'react'

/** What a page listens to: ["deal", 12] is one deal, ["deals", 0] any of them. */
export type Topic = readonly [kind: string, key: number]

export type LiveState = 'off' | 'connecting' | 'open' | 'broken'

interface Message {
  cursor?: string
  changes?: [kind: string, key: number, version?: number][]
  refused?: [kind: string, key: number][]
  reset?: boolean
  /** So many watch that their fetches shall be spread over these milliseconds. */
  spread?: number
}

/** What changed, and `spread`. `null`: anything may have, fetch all again. */
type Listener = (changed: ReadonlySet<string> | null, spread: number) => void

interface Surroundings {
  open(address: string): WebSocket
  random(): number
}

const FIRST_WAIT = 1_000
const LONGEST_WAIT = 8_000
const QUIET_BREAK = 5_000
/** The server says something every 10 seconds at the latest. Longer than this, and nobody is there any more. */
const SILENCE = 20_000
/** The same for a connection that does not come about. */
const NO_ANSWER = 8_000
/** The server closes so when the session ended. */
export const SESSION_ENDED = 4401

const nameOf = ([kind, key]: readonly [string, number, ...unknown[]]) => `${kind}:${key}`

/**
 * The event socket. It carries only what changed, never the data. After a break it resumes behind the last
 * cursor, so nothing is missed; if the server no longer remembers, everything is fetched again.
 */
export class Live {
  private address: string | null = null
  private socket: WebSocket | null = null
  private cursor: string | null = null
  private attempts = 0
  private dialled = 0
  private retry: ReturnType<typeof setTimeout> | undefined
  private patience: ReturnType<typeof setTimeout> | undefined
  private silence: ReturnType<typeof setTimeout> | undefined
  private state: LiveState = 'off'
  private readonly topics = new Map<string, { topic: Topic; listeners: Set<Listener> }>()
  private readonly watchers = new Set<() => void>()

  onSessionEnded: () => void = () => {}

  constructor(
    private readonly around: Surroundings = {
      open: (address) => new WebSocket(address),
      random: Math.random,
    },
  ) {}

  /** Connect to `address`; null disconnects and forgets. */
  connect(address: string | null): void {
    if (address === this.address) return
    this.hangUp()
    this.address = address
    this.cursor = null
    this.attempts = 0
    if (address) this.dial()
    else this.become('off')
  }

  /** Try at once: the network came back, or somebody looks again. */
  wake(): void {
    const hangs = this.socket?.readyState === WebSocket.CONNECTING && Date.now() - this.dialled > FIRST_WAIT
    if (this.address && (!this.socket || hangs)) {
      this.attempts = 0
      this.dial()
    }
  }

  /** Hear of changes of `topics`; call the result to stop. */
  subscribe(topics: readonly Topic[], listener: Listener): () => void {
    const fresh = topics.filter((topic) => {
      const entry = this.topics.get(nameOf(topic))
      if (entry) entry.listeners.add(listener)
      else this.topics.set(nameOf(topic), { topic, listeners: new Set([listener]) })
      return !entry
    })
    if (fresh.length) this.send({ subscribe: fresh })
    return () => {
      const left = topics.filter((topic) => {
        const entry = this.topics.get(nameOf(topic))
        if (!entry?.listeners.delete(listener) || entry.listeners.size) return false
        return this.topics.delete(nameOf(topic))
      })
      if (left.length) this.send({ unsubscribe: left })
    }
  }

  /** `broken` only after a break of five seconds: a short one is nobody's business. */
  readonly getState = (): LiveState => this.state

  readonly watch = (told: () => void): (() => void) => {
    this.watchers.add(told)
    return () => this.watchers.delete(told)
  }

  private dial(): void {
    if (!this.address) return
    this.hangUp()
    const address = new URL(this.address, location.href)
    if (this.cursor !== null) address.searchParams.set('after', this.cursor)
    const socket = this.around.open(address.href)
    this.socket = socket
    this.dialled = Date.now()
    if (this.state === 'off') this.become('connecting')
    if (this.state !== 'broken') this.patience ??= setTimeout(() => this.become('broken'), QUIET_BREAK)
    // A cable that is pulled closes nothing: only a clock tells.
    const lost = () => {
      if (this.socket !== socket) return
      this.hangUp()
      this.cutOff()
    }
    this.silence = setTimeout(lost, NO_ANSWER)
    const heard = () => {
      clearTimeout(this.silence)
      this.silence = setTimeout(() => {
        this.become('broken')
        lost()
      }, SILENCE)
    }
    socket.onopen = () => {
      heard()
      // All in one: the server resumes for what is in the first message.
      const topics = [...this.topics.values()].map(({ topic }) => topic)
      if (topics.length) this.send({ subscribe: topics })
      this.become('open')
      // Cut off before the first cursor: nobody knows what was missed.
      if (this.cursor === null && this.attempts > 0)
        for (const listener of this.listeners()) listener(null, 0)
    }
    socket.onmessage = ({ data }) => {
      if (this.socket !== socket) return
      heard()
      this.hear(JSON.parse(String(data)) as Message)
    }
    socket.onclose = ({ code }) => {
      if (this.socket !== socket) return
      this.hangUp()
      if (code === SESSION_ENDED) {
        this.connect(null)
        this.onSessionEnded()
        return
      }
      this.cutOff()
    }
  }

  /** Try again after a while. */
  private cutOff(): void {
    if (this.state === 'open') this.become('connecting')
    if (this.state !== 'broken') this.patience ??= setTimeout(() => this.become('broken'), QUIET_BREAK)
    // Half fixed, half by chance: else all browsers come back in the same moment.
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.attempts) * (0.5 + this.around.random() / 2)
    this.attempts += 1
    this.retry = setTimeout(() => this.dial(), wait)
  }

  private hear(message: Message): void {
    // Only a word from the server proves that the connection holds.
    this.attempts = 0
    if (message.cursor !== undefined) this.cursor = message.cursor
    const spread = message.spread ?? 0
    if (message.reset) {
      for (const listener of this.listeners()) listener(null, spread)
      return
    }
    if (!message.changes?.length) return
    const changed = new Set(message.changes.map(nameOf))
    for (const listener of this.listeners(changed)) listener(changed, spread)
  }

  private listeners(among?: ReadonlySet<string>): Set<Listener> {
    const found = new Set<Listener>()
    for (const [name, { listeners }] of this.topics)
      if (!among || among.has(name)) for (const listener of listeners) found.add(listener)
    return found
  }

  private send(message: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message))
  }

  private hangUp(): void {
    clearTimeout(this.retry)
    clearTimeout(this.silence)
    const socket = this.socket
    this.socket = null
    socket?.close(1000)
  }

  private become(state: LiveState): void {
    if (state === 'open' || state === 'off') {
      clearTimeout(this.patience)
      this.patience = undefined
    }
    if (state === this.state) return
    this.state = state
    for (const told of this.watchers) told()
  }
}

export const live = new Live()

export function useLiveState(): LiveState {
  return useSyncExternalStore(live.watch, live.getState)
}

/** What one change says in several messages is one fetch. */
const GATHER = 10
/** Milliseconds for the answer to the first of several fetches: all at once, the one people look at waits for the rest. */
const LONGEST_LEAD = 300
/** Milliseconds to show that answer. */
const TO_SHOW = 40

/** Milliseconds for which what is looked at less lets what is looked at first go ahead. */
export const BEHIND = 500

const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds))

/**
 * Fetch `keys` again when one of `topics` changed.
 *
 *     useLive([['deal', id]], [['get', '/api/deals/{deal}', { params: { path: { deal: id } } }]])
 *
 * A key may be a beginning: ['get', '/api/deals'] are all lists of deals. The first is fetched and shown before
 * the others. Changes that come together are one fetch, `behind` milliseconds later, at most one each `every`.
 */
export function useLive(topics: readonly Topic[], keys: readonly QueryKey[], every = 0, behind = 0): void {
  const queries = useQueryClient()
  const latest = useRef(keys)
  latest.current = keys
  const names = JSON.stringify(topics)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let last = 0
    let waiting = false
    let over = false
    const fetchAgain = (some: readonly QueryKey[]) =>
      Promise.all(some.map((queryKey) => queries.invalidateQueries({ queryKey })))
    const fetchOthersAfter = async (first: Promise<unknown>) => {
      // Not put off by the next change: of a lively record the others would never come.
      if (waiting) return
      waiting = true
      await Promise.race([first, pause(LONGEST_LEAD)])
      await pause(TO_SHOW)
      waiting = false
      if (!over) void fetchAgain(latest.current.slice(1))
    }
    const stop = live.subscribe(JSON.parse(names) as Topic[], (_, spread) => {
      // A moment by chance: what a thousand people watch is not fetched a thousand times at once.
      const wait = Math.max(behind + GATHER + Math.random() * spread, last + every - Date.now())
      timer ??= setTimeout(() => {
        timer = undefined
        last = Date.now()
        void fetchOthersAfter(fetchAgain(latest.current.slice(0, 1)))
      }, wait)
    })
    return () => {
      clearTimeout(timer)
      over = true
      stop()
    }
  }, [names, queries, every, behind])
}
