import { Button, Modal } from 'antd'
import { useNamed } from '@/shared/i18n'
import type { Conflict } from './data'
import styles from './Records.module.css'
import { useRecordsTexts } from './texts'
import { Value } from './Value'

/** Somebody else was quicker: shows both values, and lets the person decide. */
export default function ConflictModal({
  conflict,
  keepTheirs,
  takeMine,
}: {
  conflict: Conflict
  keepTheirs: () => void
  takeMine: () => void
}) {
  const t = useRecordsTexts()
  const named = useNamed()
  const { row, field, theirs, mine } = conflict
  const of = (value: typeof mine) => ({ values: { ...row.values, [field.key]: value } })
  return (
    <Modal
      open
      width={460}
      title={named(conflict.told)}
      onCancel={keepTheirs}
      footer={[
        <Button key="theirs" onClick={keepTheirs}>
          {t('conflict.theirs')}
        </Button>,
        <Button key="mine" type="primary" onClick={takeMine}>
          {t('conflict.mine')}
        </Button>,
      ]}
    >
      <dl className={styles.facing}>
        <dt>{t('conflict.now', { label: named(field) })}</dt>
        <dd>
          <Value field={field} row={of(theirs)} />
        </dd>
        <dt>{t('conflict.yours')}</dt>
        <dd>
          <Value field={field} row={of(mine)} />
        </dd>
      </dl>
    </Modal>
  )
}
