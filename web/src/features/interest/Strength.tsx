import { ArrowUpOutlined } from '@ant-design/icons'
import { useFormat } from '@/shared/format'
import { type Rise, riseIn } from './cells'
import styles from './Interest.module.css'
import { useInterestTexts } from './texts'

/** How a rise is said: 是平时的 3.2 倍. */
export function useRise(): (rise: Rise) => string {
  const t = useInterestTexts()
  const { number } = useFormat()
  return (rise) => t(`rise.${riseIn(rise)}`, { times: number(rise.ratio, rise.ratio < 10 ? 1 : 0) })
}

/** That a rise stands out. */
export function Surge() {
  const t = useInterestTexts()
  return (
    <span className={styles.surge} title={t('rise.why')}>
      <ArrowUpOutlined aria-hidden /> {t('rise.surging')}
    </span>
  )
}
