import { Button, Progress } from 'antd'
import { useNavigate } from 'react-router'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import type { Import } from './data'
import styles from './Imports.module.css'
import { Counts, Rejected, Status, Undo } from './ImportsPage'
import { useImportsTexts } from './texts'

/** An import under way, done or undone. */
export function RunStep({ of }: { of: Import }) {
  const t = useImportsTexts()
  const named = useNamed()
  const format = useFormat()
  const navigate = useNavigate()
  const under = t('run.under', { done: format.number(of.position), rows: format.number(of.rows) })
  return (
    <>
      <section className={styles.card} role="status">
        <div className={styles.row}>
          <Status status={of.status} />
          <Counts of={of} />
        </div>
        {of.status === 'running' && (
          <>
            <span>{under}</span>
            <Progress percent={Math.round((100 * of.position) / of.rows)} aria-label={under} />
            <span className={styles.faint}>{t('run.leave')}</span>
          </>
        )}
        {of.status === 'undoing' && <span>{t('run.undoing')}</span>}
        {of.status === 'undone' && <span>{t('run.undone')}</span>}
        <div className={styles.row}>
          {of.rejected > 0 && of.kept && of.status === 'done' && <Rejected of={of} />}
          {of.may_undo && <Undo of={of} />}
          {(of.status === 'done' || of.status === 'undone') && (
            <Button size="small" onClick={() => navigate(`/imports/new?kind=${of.kind}`)}>
              {t('run.another')}
            </Button>
          )}
        </div>
      </section>
      {of.stayed.length > 0 && (
        <section className={styles.card}>
          <h2>{t('run.stayed')}</h2>
          <ul className={styles.list}>
            {of.stayed.map((each) => (
              <li key={`${each.kind}-${each.record}`}>
                <strong>{each.name}</strong>
                <span>{named(each)}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  )
}
