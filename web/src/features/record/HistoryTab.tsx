import { UndoOutlined } from '@ant-design/icons'
import { useQueryClient } from '@tanstack/react-query'
import { App, Button, Tooltip } from 'antd'
import { lazy, Suspense, useState } from 'react'
import { api, asProblem, client } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { Empty, Loaded } from '@/shared/states'
import { at, besideOf, type FieldOut, type RecordOut, recordKey, restored, useRefresh } from './data'
import { isPooled, type Kind } from './kinds'
import styles from './Record.module.css'
import { useRecordTexts } from './texts'
import { useUndoable } from './undo'
import { ValueText } from './ValueText'

const PoolMoves = lazy(() => import('@/features/pool/Standing').then((all) => ({ default: all.PoolMoves })))

/** Who changed what, and when; what a field was comes back with one button, and that can be taken back too. */
export function HistoryTab({ kind, record, fields }: { kind: Kind; record: RecordOut; fields: FieldOut[] }) {
  const t = useRecordTexts()
  const f = useFormat()
  const named = useNamed()
  const { message } = App.useApp()
  const queries = useQueryClient()
  const refresh = useRefresh()
  const undoable = useUndoable()
  const [busy, setBusy] = useState(0)
  const query = api.useQuery('get', besideOf(kind, 'history'), { params: at(kind, record.id) })
  const byKey = new Map(fields.map((field) => [field.key, field]))
  const restore = async (change: number, label: string) => {
    setBusy(change)
    try {
      const batch = await restored(kind, record.id, change)
      undoable(t('history.restored', { label }), async () => {
        if (batch) await client.POST('/api/changes/{batch}/undo', { params: { path: { batch } } })
        refresh(kind, record.id)
      })
    } catch (error) {
      message.error(named(asProblem(error)))
    } finally {
      setBusy(0)
      void queries.invalidateQueries({ queryKey: recordKey(kind, record.id) })
      refresh(kind, record.id)
    }
  }
  const list = (
    <Loaded query={query}>
      {(rows) =>
        rows.length === 0 ? (
          <Empty why={t('history.none')} />
        ) : (
          <ol className={styles.history}>
            {rows.map((row) => {
              const field = byKey.get(row.field)
              const label = field ? named(field) : row.field
              const currency = String(record.values.currency ?? 'CNY')
              return (
                <li key={row.id}>
                  <div className={styles.historyHead}>
                    <strong>{row.by || t('foresail')}</strong>
                    <span>{t(row.undoes ? 'history.restoredField' : 'history.changed', { label })}</span>
                    <time dateTime={row.at} title={f.full(row.at)}>
                      {f.moment(row.at)}
                    </time>
                  </div>
                  <div className={styles.historyBody}>
                    <span className={styles.before}>
                      {field ? (
                        <ValueText field={field} value={row.before} currency={currency} linked={false} />
                      ) : (
                        String(row.before ?? '—')
                      )}
                    </span>
                    <span aria-hidden>→</span>
                    <span>
                      {field ? (
                        <ValueText field={field} value={row.after} currency={currency} linked={false} />
                      ) : (
                        String(row.after ?? '—')
                      )}
                    </span>
                    {record.may_change && field?.changeable && (
                      <Tooltip title={t('history.restoreHint')}>
                        <Button
                          size="small"
                          type="text"
                          icon={<UndoOutlined />}
                          loading={busy === row.id}
                          aria-label={t('history.restore', { label })}
                          onClick={() => void restore(row.id, label)}
                        />
                      </Tooltip>
                    )}
                  </div>
                </li>
              )
            })}
          </ol>
        )
      }
    </Loaded>
  )
  return (
    <>
      {isPooled(kind) && (
        <Suspense fallback={null}>
          <PoolMoves kind={kind} id={record.id} />
        </Suspense>
      )}
      {list}
    </>
  )
}
