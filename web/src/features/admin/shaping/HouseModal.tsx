import { Form, Input, Modal } from 'antd'
import { useState } from 'react'
import { client } from '@/shared/api'
import { useSharedTexts } from '@/shared/texts'
import { useSend } from './data'
import { useShapingTexts } from './texts'

export function HouseModal({ house, onClose }: { house: string; onClose: () => void }) {
  const t = useShapingTexts()
  const shared = useSharedTexts()
  const send = useSend()
  const [form] = Form.useForm<{ currency: string }>()
  const [busy, setBusy] = useState(false)
  async function save({ currency }: { currency: string }) {
    setBusy(true)
    const done = await send(
      () => client.PUT('/api/currencies/house', { body: { currency } }),
      shared('saved'),
    )
    setBusy(false)
    if (done) onClose()
  }
  return (
    <Modal
      open
      title={t('currencies.change')}
      okText={shared('save')}
      cancelText={shared('cancel')}
      confirmLoading={busy}
      width={440}
      onCancel={onClose}
      onOk={form.submit}
    >
      <p>{t('currencies.changeAbout')}</p>
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ currency: house }}
        onFinish={(values) => void save(values)}
      >
        <Form.Item
          name="currency"
          label={t('currencies.house')}
          normalize={(text: string) => text.toUpperCase()}
          rules={[{ required: true, pattern: /^[A-Z]{3}$/, message: t('pipelines.currencyWrong') }]}
        >
          <Input maxLength={3} autoFocus />
        </Form.Item>
      </Form>
    </Modal>
  )
}
