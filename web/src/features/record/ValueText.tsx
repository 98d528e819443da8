import { Link } from 'react-router'
import { Chip } from '@/features/crm/Chip'
import { NOTHING, numberOf, useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import type { FieldOut } from './data'
import { isKind, pathOf } from './kinds'
import styles from './Record.module.css'
import { useRecordTexts } from './texts'
import { isReference, type Shown } from './values'

/** A value as people read it. */
export function ValueText({
  field,
  value,
  currency: own = 'CNY',
  linked = true,
}: {
  field: FieldOut
  value: Shown | undefined
  currency?: string
  linked?: boolean
}) {
  const t = useRecordTexts()
  const f = useFormat()
  const named = useNamed()
  const currency = field.currency ?? own
  if (value === undefined || value === null || value === '' || (Array.isArray(value) && !value.length))
    return <span className={styles.nothing}>{NOTHING}</span>
  const choice = (key: string) => {
    const found = field.choices.find((each) => each.key === key)
    return found ? named(found) : key
  }
  if (isReference(value)) {
    if (!value.name) return <span className={styles.nothing}>{t('unseen')}</span>
    return linked && isKind(field.target) ? (
      <Link to={pathOf(field.target, value.id)}>{value.name}</Link>
    ) : (
      value.name
    )
  }
  if (typeof value === 'boolean') return <>{t(value ? 'yes' : 'no')}</>
  if (Array.isArray(value))
    return (
      <span className={styles.chips}>
        {value.map((each) => (
          <Chip key={each}>{choice(each)}</Chip>
        ))}
      </span>
    )
  switch (field.kind) {
    case 'money':
      return <span title={f.moneyExact(value, currency)}>{f.money(value, currency)}</span>
    case 'number':
      if (field.share)
        return <>{field.key === 'win_change' ? f.points(numberOf(value)) : f.percent(numberOf(value))}</>
      return <>{value.replace(/\.?0+$/, (zeros) => (zeros.startsWith('.') ? '' : zeros))}</>
    case 'date':
      return <span title={f.full(value)}>{f.day(value)}</span>
    case 'datetime':
      return <span title={f.full(value)}>{f.moment(value)}</span>
    case 'choice':
      return <>{choice(value)}</>
    case 'long_text':
      return <span className={styles.lines}>{value}</span>
    default:
      if (linked && field.key === 'email') return <a href={`mailto:${value}`}>{value}</a>
      if (linked && field.key === 'phone') return <a href={`tel:${value.replaceAll(/\s/g, '')}`}>{value}</a>
      return <>{value}</>
  }
}
