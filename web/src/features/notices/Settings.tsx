import { Button, Input, Select, Switch } from 'antd'
import { useEffect, useState } from 'react'
import { Link, useLocation } from 'react-router'
import { pathOf } from '@/features/record/kinds'
import { Loaded } from '@/shared/states'
import { type Preferences, useChangePreferences, usePreferences, useSetMuted, WANTED } from './data'
import styles from './Settings.module.css'
import { useNoticesTexts } from './texts'

const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone
const DAYS = ['none', 'weekend', 'calendar'] as const
const NIGHT = { quiet_from: '22:00', quiet_to: '08:00' }

/** What one wants to be told, and when not. Everything is kept as soon as it is chosen. */
export function Settings({ className, head }: { className: string | undefined; head: string | undefined }) {
  const t = useNoticesTexts()
  const { hash } = useLocation()
  const preferences = usePreferences()
  const shown = preferences.data !== undefined
  useEffect(() => {
    if (shown && hash === '#notifications') document.getElementById('notifications')?.scrollIntoView()
  }, [hash, shown])
  return (
    <section className={className} aria-labelledby="notifications">
      <div className={head}>
        <h2 id="notifications" className={styles.title}>
          {t('set.title')}
        </h2>
      </div>
      <p className={styles.why}>{t('set.why')}</p>
      <Loaded query={preferences}>
        {(data) => (
          <>
            <Kinds data={data} />
            <Quiet data={data} />
            <Muted data={data} />
          </>
        )}
      </Loaded>
    </section>
  )
}

function Kinds({ data }: { data: Preferences }) {
  const t = useNoticesTexts()
  const change = useChangePreferences()
  return WANTED.map((kind) => (
    <div key={kind} className={styles.row}>
      <div>
        <div id={`wanted-${kind}`}>{t(`wanted.${kind}`)}</div>
        <div className={styles.hint}>{t(`wantedWhy.${kind}`)}</div>
      </div>
      <Switch
        aria-labelledby={`wanted-${kind}`}
        checked={data.kinds[kind] ?? false}
        onChange={(wanted) => void change({ kinds: { ...data.kinds, [kind]: wanted } })}
      />
    </div>
  ))
}

function Quiet({ data }: { data: Preferences }) {
  const t = useNoticesTexts()
  const change = useChangePreferences()
  const on = data.quiet_from !== null
  const quiet = on || data.quiet_days !== 'none'
  const until = data.calendar_until
  return (
    <>
      <div className={styles.row}>
        <div>
          <div id="quiet">{t('set.quiet')}</div>
          <div className={styles.hint}>{t('set.quietWhy')}</div>
        </div>
        <Switch
          aria-labelledby="quiet"
          checked={on}
          onChange={(wanted) =>
            void change(wanted ? { ...NIGHT, zone: HERE } : { quiet_from: null, quiet_to: null })
          }
        />
      </div>
      <div className={styles.hours}>
        {on && (
          <span className={styles.span}>
            <Hour
              label={t('set.from')}
              value={data.quiet_from ?? ''}
              keep={(quiet_from) => change({ quiet_from })}
            />
            {t('set.until')}
            <Hour label={t('set.to')} value={data.quiet_to ?? ''} keep={(quiet_to) => change({ quiet_to })} />
          </span>
        )}
        <span className={styles.span}>
          <label htmlFor="quiet-days">{t('set.days')}</label>
          <Select<Preferences['quiet_days']>
            id="quiet-days"
            className={styles.days}
            value={data.quiet_days}
            options={DAYS.map((value) => ({ value, label: t(`set.day.${value}`) }))}
            onChange={(quiet_days) => void change({ quiet_days, zone: quiet ? data.zone : HERE })}
          />
        </span>
        {quiet && <span className={styles.hint}>{t('set.zone', { zone: data.zone })}</span>}
        {quiet && data.zone !== HERE && (
          <Button type="link" size="small" onClick={() => void change({ zone: HERE })}>
            {t('set.here', { zone: HERE })}
          </Button>
        )}
        {data.quiet_days === 'calendar' && (
          <p className={styles.hint}>
            {t(new Date().getFullYear() > until ? 'set.calendarOver' : 'set.calendarWhy', { year: until })}
          </p>
        )}
      </div>
    </>
  )
}

/** Kept when it is left: while one types, it is no time yet. */
function Hour({
  label,
  value,
  keep,
}: {
  label: string
  value: string
  keep: (value: string) => Promise<boolean>
}) {
  const given = value.slice(0, 5)
  const [text, setText] = useState(given)
  useEffect(() => setText(given), [given])
  return (
    <Input
      type="time"
      aria-label={label}
      className={styles.hour}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onBlur={async () => {
        if (!text || text === given || !(await keep(text))) setText(given)
      }}
    />
  )
}

function Muted({ data }: { data: Preferences }) {
  const t = useNoticesTexts()
  const setMuted = useSetMuted()
  return (
    <div className={styles.muted}>
      <h3>{t('set.muted')}</h3>
      {data.muted.length === 0 && <p className={styles.hint}>{t('set.mutedNone')}</p>}
      {data.muted.map(({ record_type: kind, record, name }) => (
        <div key={`${kind}-${record}`} className={styles.row}>
          {name === null ? (
            <span>{t('set.gone', { kind: t(`kind.${kind}`) })}</span>
          ) : (
            <Link to={pathOf(kind, record)}>{name}</Link>
          )}
          <Button size="small" onClick={() => void setMuted(kind, record, false)}>
            {t('unmute')}
          </Button>
        </div>
      ))}
    </div>
  )
}
