import { useNamed } from '@/shared/i18n'
import type { Change, Collecting, Rule } from './data'
import styles from './Governance.module.css'
import { useGovernanceTexts } from './texts'

const LOOK: Record<Change, string> = { added: 'ok', removed: 'bad', changed: 'warn' }

/** Rules, a row for each source; with `changes`, how each differs from what is in force. */
export function Rules({
  rules,
  collecting,
  changes,
}: {
  rules: readonly Rule[]
  collecting: Collecting
  changes?: Map<string, Change>
}) {
  const t = useGovernanceTexts()
  const named = useNamed()
  const name = (list: readonly { key: string; zh: string; en: string }[], key: string) => {
    const found = list.find((each) => each.key === key)
    return found ? named(found) : key
  }
  const removed = [...(changes ?? [])].flatMap(([source, change]) => (change === 'removed' ? [source] : []))
  const mark = (source: string) => {
    const change = changes?.get(source)
    return (
      change && <span className={`${styles.chip} ${styles[LOOK[change]]}`}>{t(`boundary.${change}`)}</span>
    )
  }
  return (
    <div className={styles.rules}>
      <div className={`${styles.rule} ${styles.titles}`} aria-hidden>
        {(['source', 'purpose', 'basis', 'days', 'fields'] as const).map((each) => (
          <span key={each}>{t(`boundary.${each}`)}</span>
        ))}
      </div>
      {rules.map((rule) => (
        <div key={rule.source} className={styles.rule}>
          <span>
            {name(collecting.sources, rule.source)} {mark(rule.source)}
          </span>
          <span>{name(collecting.purposes, rule.purpose)}</span>
          <span>{name(collecting.bases, rule.basis)}</span>
          <span>{t('boundary.daysOf', { count: rule.days })}</span>
          <div className={styles.chips}>
            <Fields rule={rule} collecting={collecting} />
          </div>
        </div>
      ))}
      {removed.map((source) => (
        <div key={source} className={styles.rule}>
          <span>
            {name(collecting.sources, source)} {mark(source)}
          </span>
        </div>
      ))}
    </div>
  )
}

function Fields({ rule, collecting }: { rule: Rule; collecting: Collecting }) {
  const t = useGovernanceTexts()
  const named = useNamed()
  const fields = collecting.sources.find(({ key }) => key === rule.source)?.fields ?? []
  const kept = fields.filter(({ key }) => key in rule.fields)
  return (
    <>
      {kept.length === 0 && <span className={styles.faint}>{t('boundary.noFields')}</span>}
      {kept.map((field) => {
        const masked = rule.fields[field.key] === 'mask'
        return (
          <span key={field.key} className={`${styles.chip} ${masked ? styles.warn : ''}`}>
            {masked ? t('boundary.masked', { name: named(field) }) : named(field)}
          </span>
        )
      })}
      {(rule.kinds ?? []).length > 0 && (
        <span className={styles.faint}>
          {t('boundary.kinds')} {rule.kinds?.join(', ')}
        </span>
      )}
    </>
  )
}
