import { LeftOutlined, RightOutlined } from '@ant-design/icons'
import { App, Button, Segmented } from 'antd'
import dayjs from 'dayjs'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { api, asProblem, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { useLive } from '@/shared/live'
import { may, useMe } from '@/shared/me'
import { Empty, Loaded } from '@/shared/states'
import { useTitle } from '@/shared/title'
import { beginOf, moved, nameOf, type Span } from './periods'
import styles from './Reports.module.css'
import { useReportsTexts } from './texts'

const KEY = ['get', '/api/reports']
type Row = Schemas['ReportRow']

/** One's own reports, those handed in, and where a new one begins. */
export function Reports() {
  const t = useReportsTexts()
  const { data: me } = useMe()
  useTitle(t('reports.title'))
  const query = api.useQuery('get', '/api/reports')
  useLive(me ? [['reports', me.id]] : [], [KEY])
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <h1>{t('reports.title')}</h1>
        <div className={styles.right}>
          <Link to="/reports/saved">{t('reports.saved')}</Link>
        </div>
      </header>
      <p className={styles.intro}>{t('reports.intro')}</p>
      <Loaded query={query}>
        {({ own, handed_in: handedIn, leads }) => (
          <>
            {me && may(me, 'see') && <Begin leads={leads} />}
            <div className={styles.lists}>
              <Rows title={t('reports.own')} rows={own} none={t('reports.noneOwn')} />
              {(leads || handedIn.length > 0) && (
                <Rows title={t('reports.handedIn')} rows={handedIn} none={t('reports.noneIn')} />
              )}
            </div>
          </>
        )}
      </Loaded>
    </div>
  )
}

/** Choose the week or the month, and have it drafted. */
function Begin({ leads }: { leads: boolean }) {
  const t = useReportsTexts()
  const f = useFormat()
  const named = useNamed()
  const navigate = useNavigate()
  const { message } = App.useApp()
  const [span, setSpan] = useState<Span>('week')
  const [away, setAway] = useState(0)
  const [team, setTeam] = useState(false)
  const begins = moved(span, beginOf(span, dayjs()), away).format('YYYY-MM-DD')
  const name = nameOf(span, begins, f)
  const draft = api.useMutation('post', '/api/reports/draft', {
    onSuccess: ({ report, draft }) => void navigate(`/reports/${report.id}`, { state: { draft } }),
    onError: (error) => void message.error(named(asProblem(error))),
  })
  return (
    <section className={`${styles.card} ${styles.begin}`}>
      <Segmented<Span>
        aria-label={t('reports.span')}
        value={span}
        options={(['week', 'month'] as const).map((value) => ({ value, label: t(`reports.${value}`) }))}
        onChange={(value) => {
          setSpan(value)
          setAway(0)
        }}
      />
      <div className={styles.period}>
        <Button
          type="text"
          icon={<LeftOutlined />}
          aria-label={t('reports.earlier')}
          onClick={() => setAway(away - 1)}
        />
        <b>{name}</b>
        <Button
          type="text"
          icon={<RightOutlined />}
          aria-label={t('reports.later')}
          disabled={away >= 0}
          onClick={() => setAway(away + 1)}
        />
      </div>
      {leads && (
        <Segmented
          aria-label={t('reports.about')}
          value={team ? 'team' : 'mine'}
          options={(['mine', 'team'] as const).map((value) => ({ value, label: t(`reports.${value}`) }))}
          onChange={(value) => setTeam(value === 'team')}
        />
      )}
      <Button
        type="primary"
        loading={draft.isPending}
        aria-label={t('reports.beginOf', { period: name })}
        onClick={() => draft.mutate({ body: { span, begins_on: begins, of_team: team } })}
      >
        {t('reports.begin')}
      </Button>
    </section>
  )
}

function Rows({ title, rows, none }: { title: string; rows: Row[]; none: string }) {
  const t = useReportsTexts()
  const f = useFormat()
  const about = (row: Row) => {
    if (!row.may_edit) return t('reports.from', { name: row.author.name, when: f.moment(row.handed_at) })
    if (!row.handed_to) return t('reports.savedAt', { when: f.moment(row.saved_at) })
    return t('reports.handedAt', { name: row.handed_to.name, when: f.moment(row.handed_at) })
  }
  return (
    <section className={styles.card} aria-label={title}>
      <h2>{title}</h2>
      {rows.length === 0 ? (
        <Empty why={none} />
      ) : (
        <ul className={styles.rows}>
          {rows.map((row) => (
            <li key={row.id}>
              <Link to={`/reports/${row.id}`}>
                {t(`reports.${row.span}`)} · {nameOf(row.span, row.begins_on, f)}
                {row.team && ` · ${t('reports.ofTeam', { name: row.author.name })}`}
              </Link>
              <small>{about(row)}</small>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
