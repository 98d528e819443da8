import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { keepAhead } from './ahead'
import { client } from './api'

let opened = 0
beforeEach(() => {
  opened = 1_000
  vi.spyOn(performance, 'now').mockImplementation(() => opened)
})

afterEach(() => {
  globalThis.foresailAhead = undefined
})

const answer = (status: number, body: unknown) =>
  Promise.resolve(new Response(JSON.stringify(body), { status }))

it('takes what was asked for ahead once, and asks itself afterwards', async () => {
  const fetch = vi.spyOn(globalThis, 'fetch').mockImplementation(() => answer(200, ['now']))
  globalThis.foresailAhead = new Map([['/api/teams', answer(200, ['ahead'])]])
  expect((await client.GET('/api/teams')).data).toEqual(['ahead'])
  expect(fetch).not.toHaveBeenCalled()
  expect((await client.GET('/api/teams')).data).toEqual(['now'])
})

it('asks again where it was refused ahead: somebody may have signed in since', async () => {
  vi.spyOn(globalThis, 'fetch').mockImplementation(() => answer(200, ['now']))
  globalThis.foresailAhead = new Map([['/api/teams', answer(401, {})]])
  expect((await client.GET('/api/teams')).data).toEqual(['now'])
})

it('believes nothing that was asked for long ago', async () => {
  vi.spyOn(globalThis, 'fetch').mockImplementation(() => answer(200, ['now']))
  opened = 60_000
  globalThis.foresailAhead = new Map([['/api/teams', answer(200, ['old'])]])
  const keep = vi.fn()
  await keepAhead(keep)
  expect(keep).not.toHaveBeenCalled()
  expect((await client.GET('/api/teams')).data).toEqual(['now'])
})

it('hands over what is answered by now, once; what is refused or late is asked for as usual', async () => {
  vi.spyOn(globalThis, 'fetch').mockImplementation(() => answer(200, ['now']))
  let arrive: (response: Response) => void = () => {}
  const late = new Promise<Response>((resolve) => {
    arrive = resolve
  })
  globalThis.foresailAhead = new Map([
    ['/api/teams', answer(200, ['ahead'])],
    ['/api/users', answer(401, {})],
    ['/api/pipelines', late],
  ])
  const kept: [string, unknown][] = []
  await keepAhead((path, body) => kept.push([path, body]))
  expect(kept).toEqual([['/api/teams', ['ahead']]])
  arrive(await answer(200, ['late']))
  expect((await client.GET('/api/pipelines')).data).toEqual(['late'])
  expect((await client.GET('/api/users')).data).toEqual(['now'])
  expect((await client.GET('/api/teams')).data).toEqual(['now'])
  expect(kept).toHaveLength(1)
})
