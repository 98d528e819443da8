import { useQueryClient } from '@tanstack/react-query'
import { App, Button, Input, Segmented } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { api, asProblem, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { Loaded } from '@/shared/states'
import { useTitle } from '@/shared/title'
import { nameOf } from './periods'
import styles from './Reports.module.css'
import { useReportsTexts } from './texts'

type Row = Schemas['SavedRow']
type Setting = Schemas['SavingOut']

const COUNTED = [
  'stage',
  'join',
  'contact',
  'task',
  'characters',
  'refused',
  'reports',
  'kept',
  'typed',
] as const
const BY_HAND = ['stage', 'join', 'contact', 'task'] as const

/** What time was saved, what it was counted from, and how. */
export function Saved() {
  const t = useReportsTexts()
  useTitle(t('saved.title'))
  const [team, setTeam] = useState(false)
  const query = api.useQuery('get', '/api/saved', { params: { query: { of_team: team } } })
  const leads = query.data?.leads
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <h1>{t('saved.title')}</h1>
        {leads && (
          <Segmented
            aria-label={t('saved.who')}
            value={team ? 'team' : 'mine'}
            options={(['mine', 'team'] as const).map((value) => ({ value, label: t(`saved.${value}`) }))}
            onChange={(value) => setTeam(value === 'team')}
          />
        )}
        <div className={styles.right}>
          <Link to="/reports">{t('reports.toList')}</Link>
        </div>
      </header>
      <p className={styles.intro}>{t('saved.intro')}</p>
      {team && <p className={styles.note}>{t('saved.teamWhy')}</p>}
      <Loaded query={query}>
        {({ rows, setting }) => (
          <>
            <Figures rows={rows} />
            {(['week', 'month'] as const).map((span) => (
              <Table key={span} span={span} team={team} rows={told(rows, span)} />
            ))}
            <How key={JSON.stringify(setting)} setting={setting} />
          </>
        )}
      </Loaded>
    </div>
  )
}

/** The present period, and those before it in which something was counted. */
function told(rows: Row[], span: Row['span']): Row[] {
  const some = ({ seconds, refused, reports }: Row) => seconds !== 0 || refused > 0 || reports > 0
  return rows.filter((row) => row.span === span).filter((row, index) => index === 0 || some(row))
}

function useTime(): (row: Row) => string {
  const t = useReportsTexts()
  const f = useFormat()
  return ({ seconds }) =>
    seconds === null
      ? t('saved.hidden')
      : t('saved.minutes', { value: f.number(seconds / 60, seconds ? 1 : 0) })
}

function Figures({ rows }: { rows: Row[] }) {
  const t = useReportsTexts()
  const time = useTime()
  const [week, month] = (['week', 'month'] as const).map((span) => rows.find((row) => row.span === span))
  return (
    <div className={styles.figures}>
      {week && (
        <section className={styles.card}>
          <span>{t('saved.thisWeek')}</span>
          <b>{time(week)}</b>
        </section>
      )}
      {month && (
        <section className={styles.card}>
          <span>{t('saved.thisMonth')}</span>
          <b>{time(month)}</b>
        </section>
      )}
    </div>
  )
}

function Table({ span, team, rows }: { span: Row['span']; team: boolean; rows: Row[] }) {
  const t = useReportsTexts()
  const f = useFormat()
  const time = useTime()
  const columns = team ? [] : COUNTED
  const title = t(span === 'week' ? 'saved.weeks' : 'saved.months')
  return (
    <section className={styles.card}>
      <h2>{title}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keys */}
      <section className={styles.scroll} tabIndex={0} aria-label={title}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{t('saved.period')}</th>
              <th scope="col">{t('saved.time')}</th>
              {columns.map((name) => (
                <th key={name} scope="col">
                  {t(`saved.${name}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.begins_on}>
                <th scope="row">{nameOf(row.span, row.begins_on, f)}</th>
                <td>{time(row)}</td>
                {columns.map((name) => (
                  <td key={name}>{f.number(row[name])}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  )
}

/** The formula with its numbers; who may, changes them. */
function How({ setting }: { setting: Setting }) {
  const t = useReportsTexts()
  const named = useNamed()
  const queries = useQueryClient()
  const { message } = App.useApp()
  const { may_change: mayChange, ...given } = setting
  const [values, setValues] = useState(given)
  const save = api.useMutation('put', '/api/saved/setting', {
    onSuccess: () => {
      void message.success(t('saved.changed'))
      return queries.invalidateQueries({ queryKey: ['get', '/api/saved'] })
    },
    onError: (error) => void message.error(named(asProblem(error))),
  })
  const number = (name: keyof typeof values, label: string, least: number) => (
    <div key={name}>
      <span aria-hidden>{label}</span>
      <Input
        type="number"
        aria-label={label}
        value={values[name]}
        min={least}
        max={600}
        disabled={!mayChange}
        onChange={({ target }) => setValues({ ...values, [name]: Math.round(target.valueAsNumber || 0) })}
      />
    </div>
  )
  return (
    <section className={styles.card}>
      <h2>{t('saved.how')}</h2>
      <p className={styles.intro}>{t('saved.formula')}</p>
      <p className={styles.note}>{t('saved.formulaReport')}</p>
      <div className={styles.setting}>
        {number('per_minute', t('saved.speed'), 10)}
        {BY_HAND.map((name) => number(name, t('saved.secondsOf', { what: t(`saved.${name}`) }), 0))}
        {number('confirm', t('saved.confirm'), 0)}
        {number('refuse', t('saved.refuse'), 0)}
      </div>
      {mayChange ? (
        <Button
          style={{ marginTop: 10 }}
          loading={save.isPending}
          disabled={JSON.stringify(values) === JSON.stringify(given)}
          onClick={() => save.mutate({ body: values })}
        >
          {t('saved.change')}
        </Button>
      ) : (
        <p className={styles.note}>{t('saved.reserved')}</p>
      )}
    </section>
  )
}
