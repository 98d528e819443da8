import { Link } from 'react-router'
import type { Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import styles from '../admin.module.css'
import { useAdminTexts } from '../texts'
import own from './Audit.module.css'
import { useAuditWords } from './words'

type Row = Schemas['AuditRowOut']

/** Row by row: when, who, what to which record, and what it set. On a phone the same, one below the other. */
export function Rows({
  rows,
  stale,
  of,
}: {
  rows: readonly Row[]
  stale: boolean
  of: (kind: string, key: string) => void
}) {
  const t = useAdminTexts()
  return (
    <div className={`${styles.table} ${stale ? styles.stale : ''}`}>
      <div className={own.heads} aria-hidden>
        <span>{t('audit.when')}</span>
        <span>{t('audit.who')}</span>
        <span>{t('audit.verb')}</span>
        <span>{t('audit.what')}</span>
      </div>
      <ol className={own.rows}>
        {rows.map((row) => (
          <One key={row.sequence} row={row} of={of} />
        ))}
      </ol>
    </div>
  )
}

function One({ row, of }: { row: Row; of: (kind: string, key: string) => void }) {
  const t = useAdminTexts()
  const format = useFormat()
  const words = useAuditWords()
  const name = row.name ?? (row.key && `#${row.key}`)
  return (
    <li className={own.row}>
      <time
        dateTime={row.at}
        title={`${format.full(row.at)} · ${t('audit.sequence', { number: format.number(row.sequence) })}`}
      >
        {format.moment(row.at)}
      </time>
      <span className={row.actor ? own.actor : own.itself}>
        {row.actor ? row.actor.name || `#${row.actor.id}` : t('audit.itself')}
      </span>
      <span className={own.did}>
        <span>{words.verb(row.verb)}</span>
        <span className={own.record}>
          {words.kind(row.subject)}{' '}
          {name && (
            <button type="button" onClick={() => of(row.subject, row.key)}>
              {name}
            </button>
          )}
          {row.subject === 'crm.Deal' && row.name && (
            <Link to={`/deals/${row.key}`} aria-label={row.name}>
              ↗
            </Link>
          )}
        </span>
      </span>
      <Values values={row.values} />
    </li>
  )
}

function Values({ values }: { values: Row['values'] }) {
  const t = useAdminTexts()
  const words = useAuditWords()
  if (values.length > 0 && values.every(({ state }) => state === 'withheld'))
    return <span className={own.closed}>{t('audit.withheldAll')}</span>
  return (
    <dl className={own.values}>
      {values.map((value) => (
        <div key={value.name}>
          <dt>{words.field(value.name)}</dt>
          <dd>
            {value.state !== 'kept' ? (
              <span className={own.closed}>{t(`audit.state.${value.state}`)}</span>
            ) : (
              <>
                {value.has_before && (
                  <>
                    <del>{words.before(value)}</del> <span aria-hidden>→</span>{' '}
                  </>
                )}
                <span>{words.value(value)}</span>
              </>
            )}
          </dd>
        </div>
      ))}
    </dl>
  )
}
