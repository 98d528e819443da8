import { Popover } from 'antd'
import { Chip } from '@/features/crm/Chip'
import { api } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useLive } from '@/shared/live'
import { at, type Kind, type Move, onePath } from './data'
import styles from './Pool.module.css'
import { usePoolTexts } from './texts'

interface Props {
  kind: Kind
  id: number
}

function useStanding({ kind, id }: Props) {
  const params = at(kind, id)
  useLive([[kind, id]], [['get', onePath(kind), { params }]], 1_000)
  return api.useQuery('get', onePath(kind), { params }).data
}

/** That a record goes back to the pool soon, as it stands now: what was done since last night counts. */
export function ReturnsChip(props: Props) {
  const t = usePoolTexts()
  const format = useFormat()
  const standing = useStanding(props)
  if (!standing?.warned || !standing.returns_on) return null
  return (
    <Popover
      trigger={['hover', 'click']}
      placement="bottomLeft"
      content={
        <p className={styles.intro}>
          {t('returnsWhy', { when: format.day(standing.last_touch_at), days: standing.days })}
        </p>
      }
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what explains it must be reached by keys */}
      <span tabIndex={0}>
        <Chip kind="warn">{t('returnsOn', { day: format.day(standing.returns_on) })}</Chip>
      </span>
    </Popover>
  )
}

/** How a record went into the pool and out of it. */
export function PoolMoves(props: Props) {
  const t = usePoolTexts()
  const format = useFormat()
  const standing = useStanding(props)
  if (!standing?.moves.length) return null
  return (
    <div className={styles.moves}>
      <h3>{t('moves.title')}</h3>
      <ol>
        {standing.moves.map((move) => (
          <li key={`${move.at}-${move.kind}`}>
            <span>
              <Told move={move} />
            </span>
            <time className={styles.faint} dateTime={move.at} title={format.full(move.at)}>
              {format.moment(move.at)}
            </time>
          </li>
        ))}
      </ol>
    </div>
  )
}

function Told({ move }: { move: Move }) {
  const t = usePoolTexts()
  const format = useFormat()
  const who = move.by || t('moves.foresail')
  const beside = [
    move.kind === 'recycled' &&
      move.last_touch_at &&
      t('lastTouch', { when: format.day(move.last_touch_at) }),
    move.from_owner && move.from_owner !== move.by && t('from', { who: move.from_owner }),
  ].filter(Boolean)
  return (
    <>
      {t(`moves.${move.kind}`, { who, to: move.to_owner, reason: move.reason, days: move.days })}
      {beside.length > 0 && <span className={styles.faint}> · {beside.join(' · ')}</span>}
    </>
  )
}
