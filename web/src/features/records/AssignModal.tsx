import { Modal, Select } from 'antd'
import { useState } from 'react'
import { useSharedTexts } from '@/shared/texts'
import type { Kind } from './kinds'
import type { Names, Option } from './names'
import styles from './Records.module.css'
import { useRecordsTexts } from './texts'

/** Whose records shall be. */
export interface Assignee {
  owner: number
  /** Else the owner's. */
  team: number | undefined
}

/** Give many records to somebody. */
export default function AssignModal({
  kind,
  names,
  count,
  save,
  close,
}: {
  kind: Kind
  names: Names
  count: number
  save: (to: Assignee) => Promise<void>
  close: () => void
}) {
  const t = useRecordsTexts()
  const shared = useSharedTexts()
  const [owner, setOwner] = useState<number>()
  const [team, setTeam] = useState<number>()
  const [busy, setBusy] = useState(false)
  return (
    <Modal
      open
      width={420}
      title={t('bulk.assignTitle', { count })}
      okText={t('bulk.assign')}
      okButtonProps={{ disabled: owner === undefined }}
      cancelText={shared('cancel')}
      confirmLoading={busy}
      onCancel={close}
      onOk={async () => {
        if (owner === undefined) return
        setBusy(true)
        await save({ owner, team })
        setBusy(false)
      }}
    >
      <div className={styles.form}>
        <span>{t('bulk.owner')}</span>
        <Who
          autoFocus
          label={t('bulk.owner')}
          value={owner}
          onChange={setOwner}
          options={names.optionsOf('person')}
        />
        <span>{t('bulk.team')}</span>
        <Who
          label={t('bulk.team')}
          placeholder={t('bulk.ownTeam')}
          value={team}
          onChange={setTeam}
          options={names.optionsOf('team')}
        />
        {kind.key === 'account' && <span className={styles.formNote}>{t('bulk.assignAccount')}</span>}
      </div>
    </Modal>
  )
}

function Who({
  label,
  options,
  ...rest
}: {
  label: string
  placeholder?: string
  autoFocus?: boolean
  value: number | undefined
  onChange: (value: number | undefined) => void
  options: Option[]
}) {
  return (
    <Select
      {...rest}
      aria-label={label}
      allowClear
      showSearch={{ optionFilterProp: 'label' }}
      options={options}
      optionRender={({ data }) => (
        <>
          {data.label} <span className={styles.faint}>{data.note}</span>
        </>
      )}
    />
  )
}
