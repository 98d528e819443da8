import { Button, Segmented } from 'antd'
import { useState } from 'react'
import { api } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useLive } from '@/shared/live'
import { Empty, Loaded } from '@/shared/states'
import { KINDS, type Kind, MERGES } from './data'
import styles from './Quality.module.css'
import { useQualityTexts } from './texts'
import { useUndo } from './useMerge'

/** What was merged lately, each with a way back. */
export function Merges() {
  const t = useQualityTexts()
  const format = useFormat()
  const [kind, setKind] = useState<Kind>('account')
  const undo = useUndo()
  const query = api.useQuery('get', '/api/merges', { params: { query: { kind, limit: 50 } } })
  useLive([['merges', 0]], [MERGES], 1_000)
  return (
    <>
      <div className={styles.filters}>
        <Segmented
          aria-label={t('kind.label')}
          value={kind}
          options={KINDS.map((each) => ({ value: each, label: t(`kind.${each}`) }))}
          onChange={setKind}
        />
      </div>
      <Loaded query={query}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty why={t('mergesNone', { kind: t(`kind.${kind}`) })} />
          ) : (
            <ul className={styles.list}>
              {rows.map((row) => (
                <li key={row.id}>
                  <div>
                    <strong>{row.kept.name}</strong> {t('mergeRow', { count: row.gone.length })}
                    <div className={styles.faint}>
                      {t('mergedBy', { who: row.by || t('itself'), when: format.moment(row.at) })}
                    </div>
                  </div>
                  <Button
                    size="small"
                    loading={undo.isPending && undo.variables.params.path.merge === row.id}
                    onClick={() => undo.mutate({ params: { path: { merge: row.id } } })}
                  >
                    {t('undo')}
                  </Button>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </>
  )
}
