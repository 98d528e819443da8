import { Tooltip } from 'antd'
import { Chip } from '@/features/crm/Chip'
import { numberOf, useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { useSharedTexts } from '@/shared/texts'
import { type Field, isReference, type Row, type Shown } from './fields'
import styles from './Records.module.css'
import { useRecordsTexts } from './texts'

const LEAST_SHOWN = 0.005
const TONES: Record<string, 'ok' | 'bad' | 'warn' | 'plain'> = {
  won: 'ok',
  lost: 'bad',
  converted: 'ok',
  discarded: 'plain',
  new: 'warn',
}

interface Props {
  field: Field
  /** Whose value it is: some are told by others beside them. */
  row: Pick<Row, 'values'>
  /** How many stages a deal's pipeline has. */
  stages?: number
}

/** A value of a record in words, in one line. */
export function Value({ field, row, stages }: Props) {
  const value = row.values[field.key]
  if (field.key === 'win_chance') return <Chance row={row} />
  if (field.kind === 'stage') return <Stage row={row} value={value} stages={stages} />
  if (field.key === 'owner' && !isReference(value)) return <Nobody />
  if (value === null || value === undefined || value === '' || (Array.isArray(value) && !value.length))
    return <span className={styles.faint}>—</span>
  return <Given field={field} row={row} value={value} />
}

function Given({ field, row, value }: Props & { value: NonNullable<Shown> }) {
  const t = useRecordsTexts()
  const format = useFormat()
  const named = useNamed()
  const choice = (key: string) => {
    const found = field.choices.find((one) => one.key === key)
    return found ? named(found) : key
  }
  if (isReference(value)) return value.name || <span className={styles.faint}>{t('unseen')}</span>
  if (Array.isArray(value))
    return (
      <span className={styles.chips}>
        {value.map((one) => (
          <Chip key={one}>{choice(one)}</Chip>
        ))}
      </span>
    )
  if (typeof value === 'boolean') {
    if (field.key === 'alerted') return value ? <Chip kind="warn">{t('alert')}</Chip> : t('no')
    return value ? t('yes') : <span className={styles.faint}>{t('no')}</span>
  }
  switch (field.kind) {
    case 'money': {
      const own = typeof row.values.currency === 'string' ? row.values.currency : undefined
      const currency = field.currency ?? own
      return <span title={format.moneyExact(value, currency)}>{format.money(value, currency)}</span>
    }
    case 'number': {
      const number = numberOf(value)
      if (!field.share) return format.number(number, Math.min(6, (value.split('.')[1] ?? '').length))
      return field.key === 'win_change' ? <Change change={number ?? 0} /> : format.percent(number)
    }
    case 'date':
      return <Day field={field} row={row} day={value} />
    case 'datetime':
      return <span title={format.full(value)}>{format.moment(value)}</span>
    case 'choice':
      if (field.key === 'status' || field.key === 'verdict')
        return <Chip kind={TONES[value] ?? 'plain'}>{choice(value)}</Chip>
      return choice(value)
    default:
      return value
  }
}

function Nobody() {
  return <span className={styles.faint}>{useSharedTexts()('nobody')}</span>
}

/** A day; that of a signature is marked where it has passed and the deal is still open. */
function Day({ field, row, day }: { field: Field; row: Props['row']; day: string }) {
  const t = useRecordsTexts()
  const format = useFormat()
  const over =
    field.key === 'expected_close_on' &&
    row.values.status === 'open' &&
    new Date(`${day}T23:59:59`) < new Date()
  return (
    <span className={over ? styles.overdue : undefined} title={over ? t('overdue') : undefined}>
      {format.day(day)}
      {over && <span className="visually-hidden">{t('overdue')}</span>}
    </span>
  )
}

function Stage({ row, value, stages }: { row: Props['row']; value: Shown | undefined; stages?: number }) {
  const t = useRecordsTexts()
  const { status } = row.values
  if (status === 'won' || status === 'lost')
    return <Chip kind={status === 'won' ? 'ok' : 'bad'}>{t(`ended.${status}`)}</Chip>
  if (!isReference(value)) return <span className={styles.faint}>—</span>
  return (
    <span className={styles.stage} title={stages ? t('ofStages', { count: stages }) : undefined}>
      {value.name}
    </span>
  )
}

/** How likely a deal is won, how that changed in a week, and what the forecast commits itself to. */
export function Chance({ row, bare = false }: { row: Pick<Row, 'values'>; bare?: boolean }) {
  const t = useRecordsTexts()
  const format = useFormat()
  const { win_chance, win_change, verdict, alerted, status } = row.values
  if (status !== 'open') return null
  const chance = numberOf(typeof win_chance === 'string' ? win_chance : null)
  if (chance === null)
    return (
      <span className={styles.faint} title={t('noChance')}>
        —<span className="visually-hidden">{t('noChance')}</span>
      </span>
    )
  const change = numberOf(typeof win_change === 'string' ? win_change : null) ?? 0
  return (
    <span className={styles.chance}>
      <strong>{format.percent(chance)}</strong>
      {!bare && Math.abs(change) >= LEAST_SHOWN && <Change change={change} />}
      {verdict === 'won' || verdict === 'lost' ? (
        <Tooltip title={t(`verdict.${verdict}Why`)}>
          <span>
            <Chip kind={verdict === 'won' ? 'ok' : 'bad'}>{t(`verdict.${verdict}`)}</Chip>
          </span>
        </Tooltip>
      ) : (
        alerted === true && (
          <Tooltip title={t('alertWhy')}>
            <span>
              <Chip kind="warn">{t('alert')}</Chip>
            </span>
          </Tooltip>
        )
      )}
    </span>
  )
}

function Change({ change }: { change: number }) {
  const t = useRecordsTexts()
  const format = useFormat()
  if (Math.abs(change) < LEAST_SHOWN) return <span className={styles.faint}>0</span>
  const points = format.points(change)
  return (
    <span className={change > 0 ? styles.up : styles.down} title={t('week', { points })}>
      {change > 0 ? '▲' : '▼'}
      {points.slice(1)}
      <span className="visually-hidden">{t('week', { points })}</span>
    </span>
  )
}
