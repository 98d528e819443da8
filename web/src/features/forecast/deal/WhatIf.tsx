import { RightOutlined } from '@ant-design/icons'
import { lazy, memo, Suspense, useId, useState } from 'react'
import { Waiting } from '@/shared/states'
import { useForecastTexts } from '../texts'
import styles from './WhatIf.module.css'

const WhatIfEditor = lazy(() => import('./WhatIfEditor'))

export interface Props {
  deal: number
  stages: { key: string; zh: string; en: string }[]
  stage: string
}

/** What the forecast would read if a fact were another. */
export const WhatIf = memo(function WhatIf(props: Props) {
  const t = useForecastTexts()
  const id = useId()
  const [open, setOpen] = useState(false)
  // Once opened it stays, and with it what was tried.
  const [begun, setBegun] = useState(false)
  return (
    <div className={styles.whatIf}>
      <button
        type="button"
        className={styles.head}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => {
          setBegun(true)
          setOpen(!open)
        }}
      >
        <RightOutlined rotate={open ? 90 : 0} />
        <b>{t('whatIf.title')}</b>
        <span>{t('whatIf.lead')}</span>
      </button>
      <div id={id} hidden={!open}>
        {begun && (
          <Suspense fallback={<Waiting rows={2} />}>
            <WhatIfEditor id={id} {...props} />
          </Suspense>
        )}
      </div>
    </div>
  )
})
