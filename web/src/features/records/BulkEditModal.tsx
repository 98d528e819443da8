import { Modal, Select } from 'antd'
import { useState } from 'react'
import { useNamed } from '@/shared/i18n'
import { useSharedTexts } from '@/shared/texts'
import { FieldInput } from './FieldInput'
import type { Field, Fields, Shown } from './fields'
import type { Names } from './names'
import styles from './Records.module.css'
import { useRecordsTexts } from './texts'

/** Give many records the same value of one field; without a value, take theirs away. */
export default function BulkEditModal({
  fields,
  names,
  count,
  save,
  close,
}: {
  fields: Fields
  names: Names
  count: number
  save: (field: Field, value: Shown) => Promise<void>
  close: () => void
}) {
  const t = useRecordsTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  // A name is each record's own.
  const choices = [...fields.values()].filter((field) => field.changeable && field.key !== 'name')
  const [key, setKey] = useState<string>()
  const [value, setValue] = useState<Shown>(null)
  const [busy, setBusy] = useState(false)
  const field = key === undefined ? undefined : fields.get(key)
  const empty = value === null || value === '' || (Array.isArray(value) && value.length === 0)
  return (
    <Modal
      open
      width={420}
      title={t('bulk.editTitle', { count })}
      okText={field && empty && !field.required ? t('bulk.empty', { label: named(field) }) : t('bulk.ok')}
      okButtonProps={{ disabled: !field || (empty && field.required) }}
      cancelText={shared('cancel')}
      confirmLoading={busy}
      onCancel={close}
      onOk={async () => {
        if (!field) return
        setBusy(true)
        await save(field, empty ? null : value)
        setBusy(false)
      }}
    >
      <div className={styles.form}>
        <span>{t('bulk.field')}</span>
        <Select
          autoFocus
          aria-label={t('bulk.field')}
          showSearch={{ optionFilterProp: 'label' }}
          value={key}
          options={choices.map((one) => ({ value: one.key, label: named(one) }))}
          onChange={(chosen) => {
            setKey(chosen)
            setValue(null)
          }}
        />
        {field && (
          <>
            <span>{t('bulk.value')}</span>
            <FieldInput
              key={field.key}
              field={field}
              value={value}
              onChange={setValue}
              names={names}
              label={t('bulk.value')}
            />
          </>
        )}
      </div>
    </Modal>
  )
}
