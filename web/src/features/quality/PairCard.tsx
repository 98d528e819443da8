import { Button } from 'antd'
import { useEffect, useRef } from 'react'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { type Field, isEmpty, type Line, linesOf, type Pair, said } from './data'
import styles from './Quality.module.css'
import { useQualityTexts } from './texts'

type Side = 'low' | 'high'

/** Two records side by side, what differs marked, and what can be done with them. */
export function PairCard({
  pair,
  fields,
  number,
  total,
  active,
  keeps,
  busy,
  activate,
  keep,
  merge,
  dismiss,
  reopen,
}: {
  pair: Pair
  fields: readonly Field[]
  number: number
  total: number
  active: boolean
  keeps: Side
  busy: boolean
  activate: () => void
  keep: (side: Side) => void
  merge: () => void
  dismiss: () => void
  reopen: () => void
}) {
  const t = useQualityTexts()
  const named = useNamed()
  const format = useFormat()
  const card = useRef<HTMLElement>(null)
  useEffect(() => {
    if (active) card.current?.scrollIntoView({ block: 'nearest' })
  }, [active])
  const lines = linesOf(pair, fields)
  const shown = lines.filter(({ differs, field }) => differs || field.key === 'name')
  const alike = lines.length - shown.length
  return (
    <section
      ref={card}
      className={`${styles.pair} ${active ? styles.active : ''}`}
      aria-current={active || undefined}
      aria-label={t('pair', { number, total, left: pair.low.title, right: pair.high.title })}
      onFocus={activate}
      onPointerDown={activate}
    >
      <div className={styles.why}>
        <strong>{t('chance', { percent: format.percent(pair.chance) })}</strong>
        {pair.reasons.map((reason) => (
          <span
            key={`${reason.field}-${reason.en}`}
            className={`${styles.chip} ${reason.supports ? styles.ok : styles.warn}`}
          >
            {named(reason)}
          </span>
        ))}
      </div>
      <table className={styles.sides}>
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">{t('field')}</span>
            </th>
            {(['low', 'high'] as const).map((side) => (
              <th key={side} scope="col">
                {pair.state === 'open' && pair.may_decide ? (
                  <Button
                    size="small"
                    type={keeps === side ? 'primary' : 'default'}
                    ghost={keeps === side}
                    aria-pressed={keeps === side}
                    onClick={() => keep(side)}
                  >
                    {t(side === 'low' ? 'keepLeft' : 'keepRight')}
                  </Button>
                ) : (
                  t(side === 'low' ? 'left' : 'right')
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((line) => (
            <Row key={line.field.key} line={line} />
          ))}
        </tbody>
      </table>
      {alike > 0 && <div className={styles.faint}>{t('alike', { count: alike })}</div>}
      <div className={styles.acts}>
        {!pair.may_decide ? (
          <span className={styles.faint}>{t('cannot')}</span>
        ) : pair.state === 'open' ? (
          <>
            <Button type={active ? 'primary' : 'default'} onClick={merge}>
              {t('merge')}
            </Button>
            <Button loading={busy} onClick={dismiss}>
              {t('notSame')}
            </Button>
          </>
        ) : (
          <Button loading={busy} onClick={reopen}>
            {t('reopen')}
          </Button>
        )}
      </div>
    </section>
  )
}

function Row({ line }: { line: Line }) {
  const t = useQualityTexts()
  const format = useFormat()
  const named = useNamed()
  return (
    <tr>
      <th scope="row">{named(line.field)}</th>
      {(['low', 'high'] as const).map((side) => (
        <td key={side} className={line.conflicts ? styles.differs : undefined}>
          {isEmpty(line[side]) ? (
            <span className={styles.faint}>—</span>
          ) : (
            said(line.field, line[side], format, named)
          )}
          {line.conflicts && side === 'high' && <span className="visually-hidden"> {t('differs')}</span>}
        </td>
      ))}
    </tr>
  )
}
