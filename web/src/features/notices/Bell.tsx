import { BellOutlined } from '@ant-design/icons'
import { lazy, Suspense, useState } from 'react'
import { api } from '@/shared/api'
import { useLive } from '@/shared/live'
import type { Me } from '@/shared/me'
import styles from './Bell.module.css'

const load = () => import('./Panel')
const Panel = lazy(load)

const MOST = 99

/** How many notifications are not read. Nothing pops up; who wants to know, looks. */
export function Bell({ me, label }: { me: Me; label: (count: number) => string }) {
  const [open, setOpen] = useState(false)
  const { data } = api.useQuery('get', '/api/notifications/unread', {})
  useLive(
    [['notifications', me.id]],
    [
      ['get', '/api/notifications/unread'],
      ['get', '/api/notifications'],
      ['get', '/api/notifications/preferences'],
    ],
  )
  const count = data?.count ?? 0
  return (
    <>
      <button
        type="button"
        className={styles.bell}
        aria-label={label(count)}
        title={label(count)}
        aria-haspopup="dialog"
        onPointerEnter={() => void load()}
        onFocus={() => void load()}
        onClick={() => setOpen(true)}
      >
        <BellOutlined aria-hidden />
        {count > 0 && (
          <span className={styles.count} aria-hidden>
            {count > MOST ? `${MOST}+` : count}
          </span>
        )}
      </button>
      <Suspense fallback={null}>
        {open && <Panel quietUntil={data?.quiet_until ?? null} close={() => setOpen(false)} />}
      </Suspense>
    </>
  )
}
