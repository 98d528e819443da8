import { useForecastTexts } from '../texts'
import styles from './Page.module.css'

export const SHOWN = 5

/** The rest of a short list, when asked for. */
export function More({ count, all, onAll }: { count: number; all: boolean; onAll: (all: boolean) => void }) {
  const t = useForecastTexts()
  if (count <= SHOWN) return null
  return (
    <button type="button" className={styles.more} aria-expanded={all} onClick={() => onAll(!all)}>
      {all ? t('page.less') : t('page.more', { count })}
    </button>
  )
}
