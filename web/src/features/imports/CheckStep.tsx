import { Button, Progress, Select } from 'antd'
import { Fragment, useState } from 'react'
import { api, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { type Import, useRefused, useTake } from './data'
import styles from './Imports.module.css'
import { useImportsTexts } from './texts'

const BLANK = ' '
/** So many rows with problems, and so many duplicates, are named one by one. */
const SHOWN = 50

/** What the import would do, before it does: counts, problems, duplicates, and values that name nothing. */
export function CheckStep({ of, edit }: { of: Import; edit: () => void }) {
  const t = useImportsTexts()
  const format = useFormat()
  const refused = useRefused()
  const take = useTake()
  const start = api.useMutation('post', '/api/imports/{import}/run', { onSuccess: take, onError: refused })
  const check = of.check
  if (!check)
    return (
      <div className={styles.card} role="status">
        <span>{t('check.under', { done: format.number(of.position), rows: format.number(of.rows) })}</span>
        <Progress
          percent={Math.round((100 * of.position) / of.rows)}
          aria-label={t('check.under', { done: of.position, rows: of.rows })}
        />
      </div>
    )
  const going = check.added + check.updated
  const fine = !check.kinds.length && !check.twin_rows
  return (
    <>
      <section className={styles.card}>
        <h2>{t('check.title')}</h2>
        <Figures check={check} />
        {fine && <div className={styles.ok}>{t('check.fine')}</div>}
        <div className={styles.foot}>
          <Button onClick={edit}>{t('check.edit')}</Button>
          <Button
            type="primary"
            disabled={!going}
            loading={start.isPending}
            onClick={() => start.mutate({ params: { path: { import: of.id } } })}
          >
            {going ? t('check.run', { count: going, number: format.number(going) }) : t('check.nothing')}
          </Button>
        </div>
      </section>
      <Unmatched of={of} unmatched={check.unmatched} />
      {check.kinds.length > 0 && <Problems of={of} check={check} />}
      {check.twin_rows > 0 && <Twins check={check} />}
    </>
  )
}

function Figures({ check }: { check: Schemas['CheckOut'] }) {
  const t = useImportsTexts()
  const format = useFormat()
  const told = (['added', 'updated', 'same', 'rejected'] as const).map((name) => ({
    name,
    label: t(`result.${name}`, { number: '' }).trim(),
    number: check[name],
  }))
  return (
    <dl className={styles.figure}>
      {told.map(({ name, label, number }) => (
        <div key={name}>
          <dt>{label}</dt>
          <dd className={name === 'rejected' && number ? styles.bad : undefined}>{format.number(number)}</dd>
        </div>
      ))}
      {check.accounts > 0 && (
        <div>
          <dt>{t('result.accounts', { number: '' }).trim()}</dt>
          <dd>{format.number(check.accounts)}</dd>
        </div>
      )}
    </dl>
  )
}

function Unmatched({
  of,
  unmatched,
}: {
  of: Import
  unmatched: { [place: string]: Schemas['UnmatchedColumn'] }
}) {
  const t = useImportsTexts()
  const format = useFormat()
  const refused = useRefused()
  const take = useTake()
  const [chosen, setChosen] = useState<Settings['values']>({})
  const [busy, setBusy] = useState(false)
  const configure = api.useMutation('patch', '/api/imports/{import}')
  const check = api.useMutation('post', '/api/imports/{import}/check')
  const places = Object.entries(unmatched).filter(([, { values }]) => values.length)
  if (!places.length) return null
  const params = { path: { import: of.id } }
  const mean = (place: string, value: string, key: string) =>
    setChosen((now) => ({ ...now, [place]: { ...now[place], [value]: key } }))
  const closest = () =>
    setChosen(
      Object.fromEntries(
        places.map(([place, { values }]) => [
          place,
          Object.fromEntries(
            values.flatMap(({ value, offers }) => (offers[0] ? [[value, offers[0].key] as const] : [])),
          ),
        ]),
      ),
    )
  const blank = () =>
    setChosen((now) =>
      Object.fromEntries(
        places.map(([place, { values }]) => [
          place,
          { ...Object.fromEntries(values.map(({ value }) => [value, BLANK])), ...now[place] },
        ]),
      ),
    )
  const again = async () => {
    setBusy(true)
    const values = { ...of.settings.values }
    for (const [place, picked] of Object.entries(chosen))
      values[place] = {
        ...values[place],
        ...Object.fromEntries(Object.entries(picked).map(([cell, key]) => [cell, key.trim()])),
      }
    try {
      await configure.mutateAsync({ params, body: { settings: { ...of.settings, values } } })
      take(await check.mutateAsync({ params }))
      setChosen({})
    } catch (error) {
      refused(error)
    } finally {
      setBusy(false)
    }
  }
  const some = Object.values(chosen).some((each) => Object.keys(each).length)
  return (
    <section className={styles.card}>
      <div className={`${styles.row} ${styles.spread}`}>
        <div>
          <h2>{t('check.unmatched')}</h2>
          <div className={styles.faint}>{t('check.unmatchedHint')}</div>
        </div>
        <span className={styles.row}>
          <Button size="small" onClick={closest}>
            {t('check.all')}
          </Button>
          <Button size="small" onClick={blank}>
            {t('check.rest')}
          </Button>
          <Button size="small" type="primary" disabled={!some} loading={busy} onClick={() => void again()}>
            {t('check.again')}
          </Button>
        </span>
      </div>
      {places.map(([place, { values, options }]) => (
        <div key={place} className={styles.pairs}>
          <strong>{of.columns[Number(place)]?.name}</strong>
          <span className={styles.faint}>{t('check.count')}</span>
          <span className={styles.faint}>{t('check.means')}</span>
          {values.map(({ value, count, offers }) => (
            <Fragment key={value}>
              <span>{value}</span>
              <span>{format.number(count)}</span>
              <Select
                aria-label={t('check.meansOf', { value })}
                value={chosen[place]?.[value]}
                showSearch={{ optionFilterProp: 'label' }}
                options={[
                  ...offers.map((offer) => ({ value: offer.key, label: offer.label })),
                  ...options
                    .filter(({ key }) => !offers.some((offer) => offer.key === key))
                    .map(({ key, label }) => ({ value: key, label })),
                  { value: BLANK, label: t('check.blank') },
                ]}
                onChange={(key: string) => mean(place, value, key)}
              />
            </Fragment>
          ))}
        </div>
      ))}
    </section>
  )
}

type Settings = Import['settings']

function Problems({ of, check }: { of: Import; check: Schemas['CheckOut'] }) {
  const t = useImportsTexts()
  const named = useNamed()
  const format = useFormat()
  return (
    <section className={styles.card}>
      <h2>{t('check.problems')}</h2>
      <ul className={styles.list}>
        {check.kinds.map((each) => (
          <li key={`${each.column}-${each.en}`}>
            <strong>{each.column === null ? t('check.wholeRow') : of.columns[each.column]?.name}</strong>
            <span className={styles.bad}>{named(each)}</span>
            <span className={styles.faint}>
              {t('rowsOf', { count: each.count, number: format.number(each.count) })}
            </span>
          </li>
        ))}
      </ul>
      <ul className={styles.list}>
        {check.problems.slice(0, SHOWN).map(({ row, problems }) => (
          <li key={row}>
            <span className={styles.faint}>{t('check.row', { number: format.number(row + 2) })}</span>
            <span>
              {problems
                .map((each) =>
                  [each.column === null ? '' : of.columns[each.column]?.name, named(each)]
                    .filter(Boolean)
                    .join(' · '),
                )
                .join(' / ')}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Twins({ check }: { check: Schemas['CheckOut'] }) {
  const t = useImportsTexts()
  const named = useNamed()
  const format = useFormat()
  return (
    <section className={styles.card}>
      <h2>{t('check.twins')}</h2>
      <div className={styles.faint}>
        {t('check.more', {
          count: check.twin_rows,
          number: format.number(check.twin_rows),
          shown: format.number(Math.min(check.twins.length, SHOWN)),
        })}
      </div>
      <ul className={styles.list}>
        {check.twins.slice(0, SHOWN).map(({ row, problems }) => (
          <li key={row}>
            <span className={styles.faint}>{t('check.row', { number: format.number(row + 2) })}</span>
            <span>{problems.map(named).join(' ')}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}
