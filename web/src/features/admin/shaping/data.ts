import { useQueryClient } from '@tanstack/react-query'
import { App } from 'antd'
import { useCallback } from 'react'
import { api, asProblem, type Schemas } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { useLive } from '@/shared/live'

export type Shape = Schemas['ShapeOut']
export type OwnField = Schemas['OwnFieldOut']
export type Pipeline = Schemas['PipelineOut']
export type Stage = Schemas['StageOut']
export type Currencies = Schemas['CurrenciesOut']

export const SHAPE = ['get', '/api/shape']
export const PIPELINES = ['get', '/api/pipelines']
export const CURRENCIES = ['get', '/api/currencies']
const RATES = ['get', '/api/currency-rates']
const TYPES = ['get', '/api/record-types']

/** Each kind of record with its own fields and the rules of all fields. */
export function useShape() {
  useLive([['fields', 0]], [SHAPE])
  return api.useQuery('get', '/api/shape', {})
}

export function usePipelines() {
  useLive([['pipelines', 0]], [PIPELINES])
  return api.useQuery('get', '/api/pipelines', {})
}

export function useCurrencies() {
  useLive([['currencies', 0]], [CURRENCIES, RATES])
  return api.useQuery('get', '/api/currencies', {})
}

/** Send a change: what tells of it is asked for again, and a refusal is said. Resolves to whether it was done. */
export function useSend(): (run: () => Promise<unknown>, done?: string) => Promise<boolean> {
  const queries = useQueryClient()
  const named = useNamed()
  const { message } = App.useApp()
  return useCallback(
    async (run, done) => {
      try {
        await run()
        if (done) void message.success(done)
        return true
      } catch (error) {
        void message.error(named(asProblem(error)))
        return false
      } finally {
        for (const queryKey of [SHAPE, PIPELINES, CURRENCIES, RATES, TYPES])
          void queries.invalidateQueries({ queryKey })
      }
    },
    [queries, named, message],
  )
}
