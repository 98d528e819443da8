import { PushpinOutlined } from '@ant-design/icons'
import { Link, useLocation } from 'react-router'
import { listAddress } from '@/features/records/address'
import { type KindKey, kindOf } from '@/features/records/kinds'
import { api } from '@/shared/api'
import { useLive } from '@/shared/live'
import styles from './Shell.module.css'
import { useShellTexts } from './texts'

/** Saved views that the person keeps at hand. */
export default function PinnedViews() {
  const t = useShellTexts()
  const { pathname, search } = useLocation()
  const { data } = api.useQuery('get', '/api/views', {}, { staleTime: 5 * 60_000 })
  useLive([['views', 0]], [['get', '/api/views']])
  const pinned = data?.filter((view) => view.pinned && view.usable && kindOf(view.record_type)) ?? []
  if (pinned.length === 0) return null
  const open = Number(new URLSearchParams(search).get('view'))
  return (
    <fieldset className={styles.pinned} aria-label={t('nav.pinned')}>
      {pinned.map((view) => {
        const path = listAddress(view.record_type as KindKey)
        const current = pathname === path && open === view.id
        return (
          <Link
            key={view.id}
            to={`${path}?view=${view.id}`}
            className={`${styles.entry} ${styles.pin}`}
            title={view.name}
            aria-current={current ? 'page' : undefined}
          >
            <PushpinOutlined aria-hidden />
            <span>{view.name}</span>
          </Link>
        )
      })}
    </fieldset>
  )
}
