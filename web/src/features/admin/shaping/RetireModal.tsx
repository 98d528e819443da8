import { App, Form, Modal, Select } from 'antd'
import { useState } from 'react'
import { asProblem, client } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { useSharedTexts } from '@/shared/texts'
import { type Pipeline, type Stage, useSend } from './data'
import { useShapingTexts } from './texts'

/** Take a stage out of use; where deals stand in it, the server asks where they shall go. */
export function RetireModal({
  pipeline,
  stage,
  onClose,
}: {
  pipeline: Pipeline
  stage: Stage
  onClose: () => void
}) {
  const t = useShapingTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const send = useSend()
  const { message } = App.useApp()
  const [to, setTo] = useState<number>()
  const [asks, setAsks] = useState('')
  const [busy, setBusy] = useState(false)

  async function retire() {
    setBusy(true)
    let asked = ''
    const done = await send(async () => {
      try {
        const { data } = await client.POST('/api/shape/stages/{stage}/retire', {
          params: { path: { stage: stage.id } },
          body: { to },
        })
        const moved = data?.moved ?? 0
        void message.success(moved ? t('pipelines.moved', { count: moved }) : t('pipelines.done'))
      } catch (error) {
        const problem = asProblem(error)
        if (problem.code !== 'stage_in_use') throw error
        asked = named(problem)
      }
    })
    setBusy(false)
    setAsks(asked)
    if (done && !asked) onClose()
  }
  return (
    <Modal
      open
      title={t('pipelines.retireTitle', { name: named(stage) })}
      okText={t('retire')}
      cancelText={shared('cancel')}
      confirmLoading={busy}
      width={440}
      onCancel={onClose}
      onOk={() => void retire()}
    >
      <p>{t('pipelines.retireAbout')}</p>
      <Form layout="vertical">
        <Form.Item
          label={t('pipelines.retireTo')}
          htmlFor="retire-to"
          validateStatus={asks ? 'error' : undefined}
          help={asks || t('pipelines.retireToHint')}
        >
          <Select<number>
            id="retire-to"
            allowClear
            value={to}
            options={pipeline.stages
              .filter(({ id, retired }) => !retired && id !== stage.id)
              .map((one) => ({ value: one.id, label: named(one) }))}
            onChange={(chosen) => {
              setTo(chosen)
              setAsks('')
            }}
          />
        </Form.Item>
      </Form>
    </Modal>
  )
}
