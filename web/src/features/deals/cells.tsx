import { Tag, Tooltip } from 'antd'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { useSharedTexts } from '@/shared/texts'
import styles from './DealsPage.module.css'
import type { Deal, Outlooks } from './data'
import { useDealsTexts } from './texts'

const LEAST_SHOWN = 0.005

export function Chance({ deal, outlooks }: { deal: Deal; outlooks: Outlooks }) {
  const t = useDealsTexts()
  const format = useFormat()
  if (deal.status !== 'open') return null
  const outlook = outlooks.outlookOf(deal)
  if (!outlook) {
    if (outlooks.waiting) return <span className={styles.faint}>…</span>
    const why = t(outlooks.failed ? 'chanceFailed' : 'noChance')
    return (
      <span className={styles.faint} title={why}>
        —<span className="visually-hidden">{why}</span>
      </span>
    )
  }
  const change = outlook.change_7d ?? 0
  const points = format.points(change)
  const moved = Math.abs(change) >= LEAST_SHOWN
  return (
    <span className={styles.chance}>
      <strong>{format.percent(outlook.p_won_final)}</strong>
      {moved && (
        <span className={change > 0 ? styles.up : styles.down} title={t('week', { points })}>
          {change > 0 ? '▲' : '▼'}
          {points.slice(1)}
          <span className="visually-hidden">{t('week', { points })}</span>
        </span>
      )}
      {outlook.verdict ? (
        <Mark
          kind={outlook.verdict === 'won' ? 'ok' : 'bad'}
          text={t(`verdict.${outlook.verdict}`)}
          why={t(`verdict.${outlook.verdict}Why`)}
        />
      ) : (
        outlook.alerted && <Mark kind="warn" text={t('alert')} why={t('alertWhy')} />
      )}
    </span>
  )
}

function Mark({ kind, text, why }: { kind: 'ok' | 'warn' | 'bad'; text: string; why: string }) {
  return (
    <Tooltip title={why}>
      <span className={`${styles.mark} ${styles[kind]}`}>{text}</span>
    </Tooltip>
  )
}

export function Stage({ deal, count }: { deal: Deal; count: number | undefined }) {
  const t = useDealsTexts()
  const named = useNamed()
  if (deal.status !== 'open')
    return <Tag color={deal.status === 'won' ? 'success' : 'error'}>{t(`status.${deal.status}`)}</Tag>
  return (
    <span className={styles.stage}>
      {named(deal.stage)}
      {count !== undefined && (
        <span className={styles.faint}>
          {deal.stage.position}/{count}
        </span>
      )}
    </span>
  )
}

export function Expected({ deal }: { deal: Deal }) {
  const t = useDealsTexts()
  const format = useFormat()
  if (deal.status !== 'open') return <span className={styles.faint}>{format.day(deal.closed_at)}</span>
  if (!deal.expected_close_on) return <span className={styles.faint}>{t('unnamed')}</span>
  const overdue = new Date(`${deal.expected_close_on}T23:59:59`) < new Date()
  return (
    <span className={overdue ? styles.overdue : undefined} title={overdue ? t('overdue') : undefined}>
      {format.day(deal.expected_close_on)}
      {overdue && <span className="visually-hidden">{t('overdue')}</span>}
    </span>
  )
}

export function Money({ deal }: { deal: Deal }) {
  const t = useDealsTexts()
  const format = useFormat()
  if (deal.amount === null) return <span className={styles.faint}>{t('unnamed')}</span>
  return (
    <span title={format.moneyExact(deal.amount, deal.currency)}>
      {format.money(deal.amount, deal.currency)}
    </span>
  )
}

export function Owner({ deal }: { deal: Deal }) {
  const shared = useSharedTexts()
  return deal.owner ? deal.owner.name : <span className={styles.faint}>{shared('nobody')}</span>
}
