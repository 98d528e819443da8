import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { setLanguage } from '@/shared/i18n'
import { LoadedCard } from './LoadedCard'

beforeAll(() => setLanguage('zh'))
afterEach(cleanup)

const show = (query: { data: string[] | undefined; error: unknown; refetch: never }) =>
  render(
    <LoadedCard title="推荐内容" query={query}>
      {(found) => (found.length > 0 ? <p>{found.join()}</p> : null)}
    </LoadedCard>,
  )

it('says of which card something went wrong, and asks again; where there is nothing to say, it shows nothing', () => {
  const refetch = vi.fn() as never
  show({ data: undefined, error: new Error('down'), refetch })
  expect(screen.getByRole('region', { name: '推荐内容' }).textContent).toContain('推荐内容')
  expect(screen.getByRole('alert')).toBeTruthy()
  fireEvent.click(screen.getByRole('button'))
  expect(refetch).toHaveBeenCalledTimes(1)
  cleanup()
  show({ data: ['对比材料'], error: new Error('down'), refetch })
  expect(screen.getByText('对比材料')).toBeTruthy() // what is there stays
  cleanup()
  expect(show({ data: [], error: null, refetch }).container.textContent).toBe('')
})
