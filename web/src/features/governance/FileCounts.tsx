import { useFormat } from '@/shared/format'
import type { Counts } from './filesData'
import styles from './Governance.module.css'
import { useGovernanceTexts } from './texts'

/** What came of the rows of a file, or would: what is kept, what the gate leaves out and why, what is no signal. */
export function FileCounts({ counts, title }: { counts: Counts; title: string }) {
  const t = useGovernanceTexts()
  const format = useFormat()
  const because = useReasons()
  const wrongs = useWrongs()
  const left = Object.entries(counts.left_out ?? {})
  const fields = ([reason]: [string, number]) => reason.startsWith('field_')
  const told: [string, number | undefined, string?][] = [
    [t('files.kept'), counts.kept, styles.good],
    [t('files.seen'), counts.seen],
    [t('files.consents'), counts.consents],
    ...left
      .filter((each) => !fields(each))
      .map(([reason, count]): [string, number, string?] => [
        t('files.leftOut', { why: because[reason] ?? reason }),
        count,
        styles.poor,
      ]),
    ...Object.entries(counts.wrong ?? {}).map(([code, count]): [string, number, string?] => [
      t('files.unread', { why: wrongs[code] ?? code }),
      count,
      styles.poor,
    ]),
    ...left.filter(fields).map(([reason, count]): [string, number] => [because[reason] ?? reason, count]),
  ]
  return (
    <section className={styles.part} aria-label={title}>
      <h3>{title}</h3>
      <dl className={styles.counts}>
        {told.map(([name, count, style]) => (
          <div key={name} className={styles.count}>
            <dt>{name}</dt>
            <dd className={style}>{format.number(count ?? 0)}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

/** Why the gate leaves something out, by the code of the reason. */
export function useReasons(): Partial<Record<string, string>> {
  const t = useGovernanceTexts()
  return {
    no_boundary: t('leftOut.because.no_boundary'),
    source: t('leftOut.because.source'),
    kind: t('leftOut.because.kind'),
    consent: t('leftOut.because.consent'),
    unproven: t('leftOut.because.unproven'),
    too_old: t('leftOut.because.too_old'),
    field_dropped: t('leftOut.because.field_dropped'),
    field_masked: t('leftOut.because.field_masked'),
  }
}

function useWrongs(): Partial<Record<string, string>> {
  const t = useGovernanceTexts()
  return {
    time: t('files.wrong.time'),
    future: t('files.wrong.future'),
    who: t('files.wrong.who'),
    id: t('files.wrong.id'),
  }
}
