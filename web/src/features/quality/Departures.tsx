import { keepPreviousData } from '@tanstack/react-query'
import { App, Button, Segmented } from 'antd'
import { useMemo, useState } from 'react'
import { api, asProblem, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { useLive } from '@/shared/live'
import { Empty, ErrorBox, Waiting } from '@/shared/states'
import { DEPARTURES, type Departure, useReload } from './data'
import styles from './Quality.module.css'
import { useQualityTexts } from './texts'

const STATES = ['proposed', 'confirmed', 'dismissed'] as const
const NONE = { proposed: 'none', confirmed: 'noneConfirmed', dismissed: 'noneDismissed' } as const

/** Contacts who may have left, with what speaks for it. */
export function Departures() {
  const t = useQualityTexts()
  const [state, setState] = useState<(typeof STATES)[number]>('proposed')
  const query = api.useInfiniteQuery(
    'get',
    '/api/departures',
    { params: { query: { state, limit: 30 } } },
    {
      pageParamName: 'after',
      initialPageParam: undefined as string | undefined,
      getNextPageParam: (page: Schemas['DeparturesPage']) => page.next ?? undefined,
      placeholderData: keepPreviousData,
    },
  )
  useLive([['departures', 0]], [DEPARTURES], 1_000)
  const rows = useMemo(() => query.data?.pages.flatMap(({ items }) => items), [query.data])
  return (
    <>
      <p className={styles.intro}>{t('departures.intro')}</p>
      <div className={styles.filters}>
        <Segmented
          aria-label={t('show.label')}
          value={state}
          options={STATES.map((each) => ({ value: each, label: t(`departures.show.${each}`) }))}
          onChange={setState}
        />
      </div>
      {query.error && !rows ? (
        <ErrorBox error={query.error} retry={() => void query.refetch()} />
      ) : !rows ? (
        <Waiting rows={6} />
      ) : rows.length === 0 ? (
        <Empty why={t(`departures.${NONE[state]}`)} />
      ) : (
        <div className={styles.queue}>
          {rows.map((row) => (
            <Card key={row.id} row={row} />
          ))}
        </div>
      )}
      {query.hasNextPage && (
        <Button
          className={styles.more}
          loading={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          {t('more')}
        </Button>
      )}
    </>
  )
}

function Card({ row }: { row: Departure }) {
  const t = useQualityTexts()
  const format = useFormat()
  const named = useNamed()
  const { message } = App.useApp()
  const reload = useReload(DEPARTURES)
  const failed = (error: unknown) => void message.error(named(asProblem(error)))
  const done = (text: string) => ({
    onSuccess: () => {
      void message.success(text)
      return reload()
    },
    onError: failed,
  })
  const name = row.contact.name
  const confirm = api.useMutation(
    'post',
    '/api/departures/{departure}/confirm',
    done(t('departures.confirmed', { name })),
  )
  const dismiss = api.useMutation(
    'post',
    '/api/departures/{departure}/dismiss',
    done(t('departures.dismissed', { name })),
  )
  const path = { params: { path: { departure: row.id } } }
  return (
    <section className={styles.pair} aria-label={name}>
      <div className={styles.person}>
        <div>
          <strong>{name}</strong>
          {row.title && <span> · {row.title}</span>}
          <div className={styles.faint}>{row.account.name}</div>
        </div>
        <span className={`${styles.chip} ${row.confidence >= 0.9 ? styles.bad : styles.warn}`}>
          {t('departures.confidence', { percent: format.percent(row.confidence) })}
        </span>
      </div>
      <ul className={styles.signs}>
        {row.signs.map((sign) => (
          <li key={sign.kind}>
            {t(`departures.sign.${sign.kind}`, {
              times: sign.times,
              days: sign.days,
              when: format.day(sign.at),
            })}
            <span className={styles.faint}>
              {' '}
              {t('departures.weight', { percent: format.percent(sign.weight) })}
            </span>
          </li>
        ))}
      </ul>
      <div className={styles.acts}>
        {row.state === 'proposed' ? (
          row.may_decide ? (
            <>
              <Button loading={confirm.isPending} onClick={() => confirm.mutate(path)}>
                {t('departures.confirm')}
              </Button>
              <Button type="text" loading={dismiss.isPending} onClick={() => dismiss.mutate(path)}>
                {t('departures.dismiss')}
              </Button>
            </>
          ) : (
            <span className={styles.faint}>{t('departures.cannot')}</span>
          )
        ) : (
          <span className={styles.faint}>
            {t('departures.decided', {
              who: row.decided_by || t('itself'),
              when: format.moment(row.decided_at),
            })}
          </span>
        )}
      </div>
    </section>
  )
}
