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

export function Surge({ rise }: { rise: Rise }) {
  const t = useInterestTexts()
  if (!rise.surging) return null
  return (
    <span className={styles.surge} title={t('rise.why')}>
      <ArrowUpOutlined aria-hidden /> {t('rise.surging')}
    </span>
  )
}
