import { Form, Input, Modal, Radio } from 'antd'
import { useState } from 'react'
import { asProblem, client } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { useSharedTexts } from '@/shared/texts'
import type { Kind } from './kinds'
import styles from './Records.module.css'
import type { ViewSettings } from './state'
import { useRecordsTexts } from './texts'
import type { View } from './ViewTabs'

interface Values {
  name: string
  shared: View['shared']
}

const SHARED = ['nobody', 'team', 'all'] as const

/** Give what the list shows a name, and say who else sees it; or change that of a view. */
export default function SaveViewModal({
  kind,
  view,
  settings,
  close,
  saved,
}: {
  kind: Kind
  view?: View
  settings: ViewSettings
  close: () => void
  saved: (view: View) => void
}) {
  const t = useRecordsTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const [form] = Form.useForm<Values>()
  const [busy, setBusy] = useState(false)
  const [refused, setRefused] = useState('')
  async function save(values: Values) {
    setBusy(true)
    setRefused('')
    try {
      const { data } = view
        ? await client.PATCH('/api/views/{view}', { params: { path: { view: view.id } }, body: values })
        : await client.POST('/api/views', { body: { record_type: kind.key, settings, ...values } })
      if (data) saved(data)
    } catch (error) {
      setRefused(named(asProblem(error)))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal
      open
      width={420}
      title={t(view ? 'view.edit' : 'view.saveAs')}
      okText={shared('save')}
      cancelText={shared('cancel')}
      confirmLoading={busy}
      onCancel={close}
      onOk={form.submit}
    >
      <Form<Values>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ name: view?.name ?? '', shared: view?.shared ?? 'nobody' }}
        onFinish={(values) => void save(values)}
      >
        <Form.Item
          name="name"
          label={t('view.name')}
          rules={[{ required: true, whitespace: true, message: t('view.nameNeeded') }]}
        >
          <Input autoFocus maxLength={60} placeholder={t('view.nameHint')} />
        </Form.Item>
        <Form.Item name="shared" label={t('view.share')} extra={t('view.shareNote')}>
          <Radio.Group
            options={SHARED.map((value) => ({ value, label: t(`view.shared_${value}`) }))}
            className={styles.radios}
          />
        </Form.Item>
      </Form>
      {refused && (
        <div role="alert" className={styles.wrong}>
          {refused}
        </div>
      )}
    </Modal>
  )
}
