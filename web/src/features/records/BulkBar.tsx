import { useQueryClient } from '@tanstack/react-query'
import { App, Button } from 'antd'
import { lazy, Suspense, useState } from 'react'
import { asProblem, client, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { may, useMe } from '@/shared/me'
import { useSharedTexts } from '@/shared/texts'
import type { Assignee } from './AssignModal'
import { listPath, questionOf, useRefetch } from './data'
import { type Field, type Fields, plainOf, type Shown } from './fields'
import type { Kind } from './kinds'
import type { Names } from './names'
import styles from './Records.module.css'
import type { ListState } from './state'
import { useRecordsTexts } from './texts'

const BulkEdit = lazy(() => import('./BulkEditModal'))
const AssignModal = lazy(() => import('./AssignModal'))

const UNDO_SECONDS = 10
const TOLD = 3

interface Props {
  kind: Kind
  state: ListState
  fields: Fields
  names: Names
  selected: ReadonlySet<number>
  /** Everything the list chooses, also what is not loaded. */
  everything: boolean
  total: number
  chooseAll: () => void
  clear: () => void
}

type Batch = Schemas['BatchOut']

/** What can be done to many records at once, and taken back for ten seconds. */
export function BulkBar({
  kind,
  state,
  fields,
  names,
  selected,
  everything,
  total,
  chooseAll,
  clear,
}: Props) {
  const t = useRecordsTexts()
  const shared = useSharedTexts()
  const format = useFormat()
  const named = useNamed()
  const { message, modal } = App.useApp()
  const queries = useQueryClient()
  const refetch = useRefetch(kind.key)
  const { data: me } = useMe()
  const [editing, setEditing] = useState(false)
  const [assigning, setAssigning] = useState(false)
  const count = everything ? total : selected.size
  const { where, q } = questionOf(state)
  const which = everything ? { where, q } : { ids: [...selected] }

  /** Names of those that refused: the first few, and how many more. */
  function calledOf({ refused }: Batch): string {
    const titles = refused.flatMap(({ title }) => title ?? [])
    const first = titles.slice(0, TOLD).join(t('bulk.and'))
    return titles.length > TOLD ? t('bulk.among', { names: first, number: titles.length }) : first
  }

  /** Say what came of it, with those that refused and why, and a way back. Where nothing changed, all stay chosen. */
  function tell(batch: Batch, done: (count: number) => string, undo: () => Promise<unknown>) {
    refetch()
    const key = `batch ${batch.batch}`
    const reasons = [...new Set(batch.refused.map(named))].slice(0, TOLD).join(' ')
    const names = calledOf(batch)
    const why = names ? t('bulk.why', { names, reasons }) : reasons
    if (batch.changed.length === 0) return void message.warning(why || t('bulk.nothing'), 6)
    clear()
    void message.open({
      key,
      type: batch.refused.length ? 'warning' : 'success',
      duration: UNDO_SECONDS,
      content: (
        <span className={styles.toast}>
          <span>
            {done(batch.changed.length)}
            {batch.refused.length > 0 && (
              <>
                {' '}
                {t('bulk.refused', { count: batch.refused.length })}
                {why}
              </>
            )}
          </span>
          <Button
            size="small"
            type="link"
            onClick={() => {
              message.destroy(key)
              void attempt(async () => {
                await undo()
                message.success(t('bulk.undone'))
                refetch()
              })
            }}
          >
            {t('bulk.undo')}
          </Button>
        </span>
      ),
    })
  }

  async function attempt(verb: () => Promise<void>) {
    try {
      await verb()
    } catch (error) {
      message.error(named(asProblem(error)))
    }
  }

  const changeAll = (field: Field, value: Shown) =>
    attempt(async () => {
      const { data } = await client.POST(`/api/records/${kind.key}-changes` as '/api/records/deal-changes', {
        body: { ...which, values: { [field.key]: plainOf(value) as never } },
      })
      setEditing(false)
      if (data)
        tell(
          data,
          (number) => t('bulk.changed', { count: number, label: named(field) }),
          () => client.POST('/api/changes/{batch}/undo', { params: { path: { batch: data.batch } } }),
        )
    })

  const assignAll = ({ owner, team }: Assignee) =>
    attempt(async () => {
      const { data } = await client.POST(
        `/api/records/${kind.key}-assignments` as '/api/records/deal-assignments',
        { body: { ...which, owner, team } },
      )
      setAssigning(false)
      if (data)
        tell(
          data,
          (number) => t('bulk.assigned', { count: number, who: names.nameOf('person', owner) ?? '' }),
          () => client.POST('/api/changes/{batch}/undo', { params: { path: { batch: data.batch } } }),
        )
    })

  const deleteAll = () =>
    modal.confirm({
      title: t('bulk.deleteTitle', { count }),
      content: t('bulk.deleteWhy'),
      okText: t('bulk.delete'),
      okButtonProps: { danger: true },
      cancelText: shared('cancel'),
      onOk: () =>
        attempt(async () => {
          const { data } = await client.POST(
            `/api/records/${kind.key}-deletions` as '/api/records/deal-deletions',
            { body: which },
          )
          void queries.invalidateQueries({ queryKey: ['get', listPath(kind.key)] })
          if (data)
            tell(
              data,
              (number) => t('bulk.deleted', { count: number }),
              () =>
                client.POST(`/api/records/${kind.key}-bring-back` as '/api/records/deal-bring-back', {
                  body: { ids: data.changed },
                }),
            )
        }),
    })

  return (
    <section className={styles.bulk} aria-label={t('bulk.label')}>
      <strong role="status">{t('bulk.selected', { count, number: format.number(count) })}</strong>
      {!everything && selected.size < total && (
        <Button size="small" type="link" onClick={chooseAll}>
          {t('bulk.all', { number: format.number(total) })}
        </Button>
      )}
      <span className={styles.bulkActs}>
        <Button size="small" onClick={() => setEditing(true)}>
          {t('bulk.edit')}
        </Button>
        {kind.key !== 'product' && me && may(me, 'assign') && (
          <Button size="small" onClick={() => setAssigning(true)}>
            {t('bulk.assign')}
          </Button>
        )}
        <Button size="small" danger onClick={() => void deleteAll()}>
          {t('bulk.delete')}
        </Button>
        <Button size="small" type="text" onClick={clear}>
          {t('bulk.clear')}
        </Button>
      </span>
      {assigning && (
        <Suspense fallback={null}>
          <AssignModal
            kind={kind}
            names={names}
            count={count}
            save={assignAll}
            close={() => setAssigning(false)}
          />
        </Suspense>
      )}
      {editing && (
        <Suspense fallback={null}>
          <BulkEdit
            fields={fields}
            names={names}
            count={count}
            save={changeAll}
            close={() => setEditing(false)}
          />
        </Suspense>
      )}
    </section>
  )
}
