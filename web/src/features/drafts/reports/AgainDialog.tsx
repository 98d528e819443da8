import { Button, Modal } from 'antd'
import type { Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useSharedTexts } from '@/shared/texts'
import { Preview } from './Preview'
import styles from './Reports.module.css'
import { useReportsTexts } from './texts'

/** Shows what a new draft says besides, and asks what to make of it. The text stays until somebody says otherwise. */
export default function AgainDialog({
  draft,
  onAppend,
  onReplace,
  onClose,
}: {
  draft: Schemas['DraftOut']
  onAppend: (lines: string[]) => void
  onReplace: (text: string) => void
  onClose: () => void
}) {
  const t = useReportsTexts()
  const f = useFormat()
  const shared = useSharedTexts()
  const count = draft.new.length
  return (
    <Modal
      open
      width={640}
      title={t('report.againTitle')}
      onCancel={onClose}
      footer={[
        <Button key="cancel" onClick={onClose}>
          {shared('cancel')}
        </Button>,
        <Button key="replace" onClick={() => onReplace(draft.draft)}>
          {t('report.replace')}
        </Button>,
        <Button key="append" type="primary" disabled={count === 0} onClick={() => onAppend(draft.new)}>
          {t('report.append')}
        </Button>,
      ]}
    >
      <p>{count ? t('report.againWhy', { count: f.number(count) as never }) : t('report.againNothing')}</p>
      {count > 0 && (
        <div className={styles.fresh}>
          <Preview text={draft.new.join('\n')} />
        </div>
      )}
    </Modal>
  )
}
