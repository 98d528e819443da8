import { useQueryClient } from '@tanstack/react-query'
import { App } from 'antd'
import { useCallback, useState } from 'react'
import { asProblem, client, type Schemas } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { asked, type Moving } from './board'
import { groupsPath, keyOf, listPath, onePath } from './data'
import { type Field, type Fields, plainOf, type Row, type Shown } from './fields'
import { useRecordsTexts } from './texts'

type Stage = Schemas['StageOut']

/** What a stage asks for before a deal may stand in it. */
export interface Asks {
  row: Row
  from: number
  stage: Stage
  fields: readonly Field[]
  refused?: string
}

/**
 * Moves deals to other stages: shown there at once, taken back where that is refused. A stage that asks for what a
 * deal lacks is answered, or the move is given up.
 */
export function useMove(fields: Fields) {
  const t = useRecordsTexts()
  const named = useNamed()
  const queries = useQueryClient()
  const { message } = App.useApp()
  const [moving, setMoving] = useState<readonly Moving[]>([])
  const [asks, setAsks] = useState<Asks | null>(null)

  const forget = useCallback((id: number) => setMoving((now) => now.filter(({ row }) => row.id !== id)), [])
  const refetch = useCallback(
    () =>
      Promise.all(
        [listPath('deal'), groupsPath('deal')].map((path) =>
          queries.invalidateQueries({ queryKey: ['get', path] }),
        ),
      ),
    [queries],
  )

  async function send(row: Row, from: number, stage: Stage) {
    try {
      await client.POST('/api/deals/{deal}/move', {
        params: { path: { deal: row.id } },
        body: { version: row.version, stage: stage.id },
      })
      setAsks(null)
      const agreedAt = Date.now()
      setMoving((now) => now.map((one) => (one.row.id === row.id ? { ...one, agreedAt } : one)))
      await refetch()
      forget(row.id)
    } catch (error) {
      const problem = asProblem(error)
      const lacking = problem.code === 'stage_asks' ? asked(problem.fields, fields) : []
      if (lacking.length > 0) return setAsks({ row, from, stage, fields: lacking })
      setAsks(null)
      forget(row.id)
      message.error(
        problem.code === 'changed_meanwhile' ? t('board.changed', { name: row.title }) : named(problem),
      )
      void refetch()
    }
  }

  async function move(row: Row, from: number, stage: Stage) {
    if (asks) giveUp()
    setMoving((now) => [...now.filter((one) => one.row.id !== row.id), { row, from, to: stage.id }])
    await send(row, from, stage)
  }

  async function answer(values: Record<string, Shown>) {
    if (!asks) return
    const { row, from, stage } = asks
    try {
      const { data } = await client.PATCH(onePath('deal'), {
        params: keyOf('deal', row.id),
        body: {
          changes: Object.fromEntries(
            Object.entries(values).map(([key, value]) => [key, { value: plainOf(value) as never }]),
          ),
        },
      })
      if (!data) return
      const filled = { ...row, version: data.version, values: { ...row.values, ...values } }
      setMoving((now) => now.map((one) => (one.row.id === row.id ? { ...one, row: filled } : one)))
      await send(filled, from, stage)
    } catch (error) {
      setAsks({ ...asks, refused: named(asProblem(error)) })
    }
  }

  function giveUp() {
    if (!asks) return
    forget(asks.row.id)
    setAsks(null)
  }

  return { moving, asks, move, answer, giveUp }
}
