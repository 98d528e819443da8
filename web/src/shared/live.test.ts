import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { renderHook } from '@testing-library/react'
import { createElement, type ReactNode } from 'react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Live, SESSION_ENDED, live as theOne, useLive } from './live'

class FakeSocket {
  static all: FakeSocket[] = []
  readyState: number = WebSocket.CONNECTING
  sent: unknown[] = []
  onopen: (() => void) | null = null
  onmessage: ((event: { data: string }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null

  constructor(readonly address: string) {
    FakeSocket.all.push(this)
  }
  send(text: string) {
    this.sent.push(JSON.parse(text))
  }
  close(code: number) {
    this.end(code)
  }
  accept() {
    this.readyState = WebSocket.OPEN
    this.onopen?.()
  }
  say(message: object) {
    this.onmessage?.({ data: JSON.stringify(message) })
  }
  end(code = 1006) {
    this.readyState = WebSocket.CLOSED
    this.onclose?.({ code })
  }
  get after() {
    return new URL(this.address).searchParams.get('after')
  }
}

const last = () => {
  const socket = FakeSocket.all.at(-1)
  if (!socket) throw new Error('no socket was opened')
  return socket
}

let live: Live

beforeEach(() => {
  vi.useFakeTimers()
  FakeSocket.all = []
  live = new Live({
    open: (address) => new FakeSocket(address) as unknown as WebSocket,
    random: () => 1,
  })
})

afterEach(() => {
  live.connect(null)
  vi.useRealTimers()
})

function connected() {
  live.connect('ws://host:8651/live')
  last().accept()
  return last()
}

describe('topics', () => {
  it('are subscribed once, however many listen, and told only of what is theirs', () => {
    const socket = connected()
    const one = vi.fn()
    const two = vi.fn()
    const stop = live.subscribe([['deal', 12]], one)
    live.subscribe(
      [
        ['deal', 12],
        ['forecast', 0],
      ],
      two,
    )
    expect(socket.sent).toEqual([{ subscribe: [['deal', 12]] }, { subscribe: [['forecast', 0]] }])

    socket.say({ cursor: 'a', changes: [['forecast', 0, 4]] })
    expect(one).not.toHaveBeenCalled()
    expect(two).toHaveBeenCalledExactlyOnceWith(new Set(['forecast:0']), 0)

    socket.say({ cursor: 'b', changes: [['deal', 12, 5]], spread: 300 })
    expect(one).toHaveBeenCalledExactlyOnceWith(new Set(['deal:12']), 300)

    stop()
    expect(socket.sent).toHaveLength(2) // somebody still listens
    socket.say({ cursor: 'c', changes: [['deal', 12, 6]] })
    expect(one).toHaveBeenCalledOnce()
  })

  it('nobody listens to any more are given up', () => {
    const socket = connected()
    live.subscribe([['deal', 12]], vi.fn())()
    expect(socket.sent.at(-1)).toEqual({ unsubscribe: [['deal', 12]] })
  })

  it('from before the connection are all in its first message', () => {
    live.subscribe([['deal', 1]], vi.fn())
    live.subscribe([['deal', 2]], vi.fn())
    expect(connected().sent).toEqual([
      {
        subscribe: [
          ['deal', 1],
          ['deal', 2],
        ],
      },
    ])
  })
})

describe('after a break', () => {
  it('it resumes behind the last cursor, with all topics', () => {
    live.subscribe([['deal', 12]], vi.fn())
    const socket = connected()
    expect(socket.after).toBeNull()
    socket.say({ cursor: '9-41', changes: [] })
    socket.end()
    vi.advanceTimersByTime(1_000)
    expect(FakeSocket.all).toHaveLength(2)
    expect(last().after).toBe('9-41')
    last().accept()
    expect(last().sent).toEqual([{ subscribe: [['deal', 12]] }])
  })

  it('it waits longer each time, up to eight seconds, and anew after a word from the server', () => {
    connected().say({ cursor: 'a' })
    const waits: number[] = []
    for (let attempt = 0; attempt < 7; attempt += 1) {
      const before = FakeSocket.all.length
      last().end()
      let waited = 0
      while (FakeSocket.all.length === before) {
        vi.advanceTimersByTime(500)
        waited += 500
      }
      waits.push(waited)
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 8_000, 8_000, 8_000])
    last().accept()
    last().say({ cursor: 'b' })
    last().end()
    vi.advanceTimersByTime(1_000)
    expect(FakeSocket.all).toHaveLength(9)
  })

  it('everything is fetched again if the server no longer remembers', () => {
    const listener = vi.fn()
    live.subscribe([['deal', 12]], listener)
    const socket = connected()
    socket.say({ reset: true, cursor: '80' })
    expect(listener).toHaveBeenCalledExactlyOnceWith(null, 0)
    socket.end()
    vi.advanceTimersByTime(1_000)
    expect(last().after).toBe('80')
  })

  it('before the first cursor, too, everything is fetched again', () => {
    const listener = vi.fn()
    live.subscribe([['deal', 12]], listener)
    connected().end()
    vi.advanceTimersByTime(1_000)
    expect(listener).not.toHaveBeenCalled()
    last().accept()
    expect(listener).toHaveBeenCalledExactlyOnceWith(null, 0)
  })

  it('it says so only after five seconds', () => {
    connected().say({ cursor: 'a' })
    expect(live.getState()).toBe('open')
    last().end()
    vi.advanceTimersByTime(4_900)
    expect(live.getState()).toBe('connecting')
    vi.advanceTimersByTime(200)
    expect(live.getState()).toBe('broken')
    vi.advanceTimersByTime(60_000)
    last().accept()
    expect(live.getState()).toBe('open')
  })

  it('it is one, too, if nothing is heard any more: a pulled cable closes nothing', () => {
    const socket = connected()
    socket.say({ cursor: 'a' })
    vi.advanceTimersByTime(15_000)
    socket.say({})
    vi.advanceTimersByTime(19_900)
    expect(live.getState()).toBe('open')
    vi.advanceTimersByTime(200)
    expect(live.getState()).toBe('broken')
    expect(socket.readyState).toBe(WebSocket.CLOSED)
    vi.advanceTimersByTime(1_000)
    expect(FakeSocket.all).toHaveLength(2)
    expect(last().after).toBe('a')
    socket.say({ cursor: 'z', changes: [] }) // too late: nobody listens to it
    last().accept()
    expect(live.getState()).toBe('open')
    last().end()
    vi.advanceTimersByTime(1_000)
    expect(last().after).toBe('a')
  })

  it('it does not wait for ever for an answer', () => {
    connected().end()
    vi.advanceTimersByTime(1_000)
    expect(FakeSocket.all).toHaveLength(2)
    vi.advanceTimersByTime(8_000 + 2_000)
    expect(FakeSocket.all).toHaveLength(3)
    vi.advanceTimersByTime(1_100)
    live.wake()
    expect(FakeSocket.all).toHaveLength(4)
  })

  it('it tries at once when woken', () => {
    connected().end()
    live.wake()
    expect(FakeSocket.all).toHaveLength(2)
    live.wake()
    expect(FakeSocket.all).toHaveLength(2)
  })
})

it('does not come back when the session ended, and asks who we are', () => {
  const ended = vi.fn()
  live.onSessionEnded = ended
  connected().end(SESSION_ENDED)
  expect(ended).toHaveBeenCalledOnce()
  vi.advanceTimersByTime(120_000)
  expect(FakeSocket.all).toHaveLength(1)
  expect(live.getState()).toBe('off')
})

it('forgets the cursor of whoever was here before', () => {
  connected().say({ cursor: 'a' })
  live.connect(null)
  live.connect('ws://host:8651/live')
  expect(last().after).toBeNull()
})

describe('what a page fetches again', () => {
  let tell: () => void
  let queries: QueryClient
  beforeEach(() => {
    vi.useFakeTimers()
    queries = new QueryClient()
    vi.spyOn(theOne, 'subscribe').mockImplementation((_, listener) => {
      tell = () => listener(null, 0)
      return () => {}
    })
  })
  afterEach(() => {
    vi.restoreAllMocks()
    vi.useRealTimers()
  })
  const wrapper = ({ children }: { children: ReactNode }) =>
    createElement(QueryClientProvider, { client: queries }, children)

  it('is its first key at once, and the others when that is there, however often it changes', async () => {
    let answered = () => {}
    const answer = new Promise<void>((done) => {
      answered = done
    })
    const fetched = vi.spyOn(queries, 'invalidateQueries').mockReturnValueOnce(answer).mockResolvedValue()
    const of = (key: string) => fetched.mock.calls.filter(([which]) => which?.queryKey?.[0] === key).length
    const page = renderHook(() => useLive([['deal', 1]], [['head'], ['rest']]), { wrapper })
    tell()
    await vi.advanceTimersByTimeAsync(100)
    expect([of('head'), of('rest')]).toEqual([1, 0])
    answered()
    await vi.advanceTimersByTimeAsync(100)
    expect([of('head'), of('rest')]).toEqual([1, 1])
    for (let times = 0; times < 20; times++) {
      tell()
      await vi.advanceTimersByTimeAsync(20)
    }
    expect(of('rest')).toBeGreaterThan(4)
    tell()
    await vi.advanceTimersByTimeAsync(100)
    const heads = of('head')
    expect(fetched.mock.calls.at(-1)?.[0]?.queryKey).toEqual(['rest'])
    await vi.advanceTimersByTimeAsync(1_000)
    expect(of('head')).toBe(heads)

    const rests = of('rest')
    fetched.mockReturnValueOnce(new Promise(() => {})) // no answer comes
    tell()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(of('rest')).toBe(rests + 1)
    tell()
    await vi.advanceTimersByTimeAsync(20)
    page.unmount()
    await vi.advanceTimersByTimeAsync(1_000)
    expect([of('head'), of('rest')]).toEqual([heads + 2, rests + 1])
  })

  it('waits where it lets others go ahead, and is one fetch of all that came meanwhile', async () => {
    const fetched = vi.spyOn(queries, 'invalidateQueries').mockResolvedValue()
    renderHook(() => useLive([['deal', 1]], [['aside']], 2_000, 500), { wrapper })
    tell()
    await vi.advanceTimersByTimeAsync(400)
    tell()
    expect(fetched).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(200)
    expect(fetched).toHaveBeenCalledOnce()
    tell()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(fetched).toHaveBeenCalledOnce()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(fetched).toHaveBeenCalledTimes(2)
  })
})
