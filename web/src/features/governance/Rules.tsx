import type { ReactNode } from 'react'
import { useNamed } from '@/shared/i18n'
import { type Change, type Collecting, changesBetween, type Rule } from './data'
import styles from './Governance.module.css'
import { useGovernanceTexts } from './texts'

const LOOK: Record<Change, string> = { added: 'ok', removed: 'bad', changed: 'warn' }

/** Rules, a row for each source; with `before`, what is in force, how each differs from it: what it is, and what it was. */
export function Rules({
  rules,
  collecting,
  before,
}: {
  rules: readonly Rule[]
  collecting: Collecting
  before?: readonly Rule[]
}) {
  const t = useGovernanceTexts()
  const named = useNamed()
  const name = (list: readonly { key: string; zh: string; en: string }[], key: string) => {
    const found = list.find((each) => each.key === key)
    return found ? named(found) : key
  }
  const changes = before && changesBetween(before, rules)
  const was = new Map((before ?? []).map((rule) => [rule.source, rule]))
  const removed = (before ?? []).filter(({ source }) => changes?.get(source) === 'removed')
  const row = (rule: Rule, old?: Rule) => {
    const change = changes?.get(rule.source)
    const cell = (of: (rule: Rule) => string) => (
      <span>
        {of(rule)}
        {old && of(old) !== of(rule) && <Was>{of(old)}</Was>}
      </span>
    )
    return (
      <div key={rule.source} className={styles.rule} data-gone={change === 'removed' || undefined}>
        <span>
          {name(collecting.sources, rule.source)}{' '}
          {change && (
            <span className={`${styles.chip} ${styles[LOOK[change]]}`}>{t(`boundary.${change}`)}</span>
          )}
        </span>
        {cell(({ purpose }) => name(collecting.purposes, purpose))}
        {cell(({ basis }) => name(collecting.bases, basis))}
        {cell(({ days }) => t('boundary.daysOf', { count: days }))}
        <div className={styles.chips}>
          <Fields rule={rule} old={old} collecting={collecting} />
        </div>
      </div>
    )
  }
  return (
    <div className={styles.rules}>
      <div className={`${styles.rule} ${styles.titles}`} aria-hidden>
        {(['source', 'purpose', 'basis', 'days', 'fields'] as const).map((each) => (
          <span key={each}>{t(`boundary.${each}`)}</span>
        ))}
      </div>
      {rules.map((rule) =>
        row(rule, changes?.get(rule.source) === 'changed' ? was.get(rule.source) : undefined),
      )}
      {removed.map((rule) => row(rule))}
    </div>
  )
}

/** What something was before. */
function Was({ children }: { children: ReactNode }) {
  const t = useGovernanceTexts()
  return (
    <span className={styles.was}>
      {t('boundary.was')}
      <del>{children}</del>
    </span>
  )
}

function Fields({ rule, old, collecting }: { rule: Rule; old?: Rule; collecting: Collecting }) {
  const t = useGovernanceTexts()
  const named = useNamed()
  const fields = collecting.sources.find(({ key }) => key === rule.source)?.fields ?? []
  const kept = fields.filter(({ key }) => key in rule.fields)
  const gone = fields.filter(({ key }) => old && key in old.fields && !(key in rule.fields))
  const kinds = (of: Rule) => (of.kinds ?? []).join(', ') || t('boundary.allKinds')
  const otherKinds = old && kinds(old) !== kinds(rule)
  return (
    <>
      {kept.length === 0 && <span className={styles.faint}>{t('boundary.noFields')}</span>}
      {kept.map((field) => {
        const masked = rule.fields[field.key] === 'mask'
        const then = old && (old.fields[field.key] ?? 'none')
        return (
          <span key={field.key} className={`${styles.chip} ${masked ? styles.warn : ''}`}>
            {masked ? t('boundary.masked', { name: named(field) }) : named(field)}
            {then && then !== rule.fields[field.key] && <Was>{t(`form.${then}`)}</Was>}
          </span>
        )
      })}
      {gone.map((field) => (
        <span key={field.key} className={`${styles.chip} ${styles.bad}`}>
          {t('boundary.dropped', { name: named(field) })}
          <Was>{t(`form.${old?.fields[field.key] ?? 'keep'}`)}</Was>
        </span>
      ))}
      {((rule.kinds ?? []).length > 0 || otherKinds) && (
        <span className={styles.faint}>
          {t('boundary.kinds')} {kinds(rule)}
          {otherKinds && <Was>{kinds(old)}</Was>}
        </span>
      )}
    </>
  )
}
