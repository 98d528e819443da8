import { App, Button, Segmented } from 'antd'
import { useState } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import { api, asProblem, client } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { Empty, Loaded } from '@/shared/states'
import { useTitle } from '@/shared/title'
import { at, besideOf, binOf, useRefresh } from './data'
import { isKind, KINDS, type Kind, pathOf } from './kinds'
import styles from './Record.module.css'
import { useRecordTexts } from './texts'

/** What was deleted in the last 90 days, of every kind, and how to get it back. */
export default function BinPage() {
  const t = useRecordTexts()
  const [search, setSearch] = useSearchParams()
  const asked = search.get('kind') ?? ''
  const kind: Kind = isKind(asked) ? asked : 'deal'
  useTitle(t('bin.title'))
  return (
    <div className={styles.single}>
      <div className={styles.pageHead}>
        <h1>{t('bin.title')}</h1>
        <span>{t('bin.lead')}</span>
      </div>
      <div className={`${styles.scroll} ${styles.kinds}`}>
        <Segmented<Kind>
          value={kind}
          aria-label={t('bin.kinds')}
          options={KINDS.map((each) => ({ value: each, label: t(`kind.${each}`) }))}
          onChange={(chosen) => setSearch({ kind: chosen }, { replace: true })}
        />
      </div>
      <Bin key={kind} kind={kind} />
    </div>
  )
}

const PAGE = 100

function Bin({ kind }: { kind: Kind }) {
  const t = useRecordTexts()
  const f = useFormat()
  const named = useNamed()
  const { message } = App.useApp()
  const navigate = useNavigate()
  const refresh = useRefresh()
  const [busy, setBusy] = useState(0)
  const query = api.useQuery('get', binOf(kind), { params: { query: { columns: '', limit: PAGE } } })
  const back = async (id: number, title: string) => {
    setBusy(id)
    try {
      await client.POST(besideOf(kind, 'bring-back'), { params: at(kind, id) })
      message.success(
        <>
          {t('bin.back', { title })}
          {/* No Link: messages stand outside of the router. */}
          <Button type="link" size="small" onClick={() => void navigate(pathOf(kind, id))}>
            {t('open')}
          </Button>
        </>,
      )
    } catch (error) {
      message.error(named(asProblem(error)))
    } finally {
      setBusy(0)
      refresh(kind, id)
    }
  }
  return (
    <Loaded query={query}>
      {({ items, total }) => (
        <section className={styles.card} aria-label={t('bin.title')}>
          {items.length === 0 ? (
            <Empty why={t('bin.none', { kind: t(`kind.${kind}`) })} />
          ) : (
            <ul className={styles.rows}>
              {items.map((row) => (
                <li key={row.id}>
                  <span className={styles.rowMain}>
                    <strong>{row.title}</strong>
                    <small>
                      {t('bin.deleted', {
                        who: row.deleted_by || t('foresail'),
                        when: f.moment(row.deleted_at),
                      })}
                    </small>
                  </span>
                  <small className={styles.rowSide}>{t('bin.gone', { when: f.day(row.gone_at) })}</small>
                  <Button loading={busy === row.id} onClick={() => void back(row.id, row.title)}>
                    {t('bin.bringBack')}
                  </Button>
                </li>
              ))}
            </ul>
          )}
          {total > items.length && <p className={styles.lead}>{t('bin.more', { count: total })}</p>}
        </section>
      )}
    </Loaded>
  )
}
