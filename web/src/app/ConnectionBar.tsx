import { useSyncExternalStore } from 'react'
import { live, useLiveState } from '@/shared/live'
import { worker } from '@/shared/worker'
import styles from './ConnectionBar.module.css'
import { useShellTexts } from './texts'

const watch = (told: () => void) => {
  addEventListener('online', told)
  addEventListener('offline', told)
  return () => {
    removeEventListener('online', told)
    removeEventListener('offline', told)
  }
}

/** A thin bar while what is on the screen may be out of date, or a new version of the app waits. */
export function ConnectionBar() {
  const t = useShellTexts()
  const online = useSyncExternalStore(watch, () => navigator.onLine)
  const broken = useLiveState() === 'broken'
  const ready = useSyncExternalStore(worker.watch, worker.isReady)
  return (
    <div role="status">
      {!online ? (
        <div className={styles.bar}>{t('bar.offline')}</div>
      ) : broken ? (
        <div className={styles.bar}>
          {t('bar.broken')}
          <button type="button" onClick={() => live.wake()}>
            {t('bar.wake')}
          </button>
        </div>
      ) : ready ? (
        <div className={`${styles.bar} ${styles.quiet}`}>
          {t('bar.ready')}
          <button type="button" onClick={() => worker.refresh()}>
            {t('bar.refresh')}
          </button>
        </div>
      ) : null}
    </div>
  )
}
