import { ShareAltOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { lazy, Suspense, useState } from 'react'
import type { Kind } from '@/features/record/kinds'
import { useNarrow } from '@/shared/useNarrow'
import { useSharingTexts } from './texts'

const ShareDialog = lazy(() => import('./ShareDialog'))

interface Props {
  kind: Kind
  id: number
  name: string
  /** Whether the person may share it; who may not sees with whom it is shared. */
  mayShare: boolean
  count: number
}

/** With whom a record is shared, behind a quiet button. */
export function ShareButton({ kind, id, name, mayShare, count }: Props) {
  const t = useSharingTexts()
  const narrow = useNarrow()
  const [open, setOpen] = useState(false)
  if (kind === 'product' || (!mayShare && count === 0)) return null
  const label = count > 0 ? t('shareCount', { count }) : t('share')
  return (
    <>
      <Button
        type="text"
        icon={<ShareAltOutlined aria-hidden />}
        aria-label={label}
        onClick={() => setOpen(true)}
      >
        {narrow ? count > 0 && count : label}
      </Button>
      {open && (
        <Suspense fallback={null}>
          <ShareDialog kind={kind} id={id} name={name} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  )
}
