import { Button, Drawer, Form, Input, InputNumber, Select } from 'antd'
import { useState } from 'react'
import { api, client } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { useSharedTexts } from '@/shared/texts'
import { useNarrow } from '@/shared/useNarrow'
import { type Pipeline, type Stage, useSend } from './data'
import { keyOf } from './order'
import own from './Shaping.module.css'
import { useShapingTexts } from './texts'

const CATEGORIES = ['omitted', 'pipeline', 'best_case', 'commit'] as const

interface Fields {
  zh: string
  en: string
  key: string
  usual_days: number | null
  category: Stage['category']
  requires: string[]
}

/** A new stage at the end of a pipeline, or another name, length and demand of one. */
export function StageDrawer({
  pipeline,
  stage,
  onClose,
}: {
  pipeline: Pipeline
  stage?: Stage
  onClose: () => void
}) {
  const t = useShapingTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const narrow = useNarrow()
  const send = useSend()
  const [form] = Form.useForm<Fields>()
  const [busy, setBusy] = useState(false)
  const types = api.useQuery('get', '/api/record-types', {}, { staleTime: 600_000 })
  const fields = types.data?.find(({ key }) => key === 'deal')?.fields ?? []
  const taken = pipeline.stages.map(({ key }) => key)

  async function save({ zh, en, key, usual_days, category, requires }: Fields) {
    setBusy(true)
    const change = (id: number) =>
      client.PATCH('/api/shape/stages/{stage}', {
        params: { path: { stage: id } },
        body: { zh, en, usual_days, category, requires },
      })
    const done = await send(async () => {
      if (stage) return change(stage.id)
      const { data } = await client.POST('/api/shape/pipelines/{pipeline}/stages', {
        params: { path: { pipeline: pipeline.id } },
        body: { key, zh, en, usual_days },
      })
      return data && change(data.id)
    }, shared('saved'))
    setBusy(false)
    if (done) onClose()
  }
  const name = [{ required: true, whitespace: true, message: t('needed') }]
  return (
    <Drawer
      open
      title={stage ? named(stage) : `${t('pipelines.addStage')} · ${pipeline.name}`}
      size={narrow ? '100%' : 480}
      onClose={onClose}
      extra={
        <Button type="primary" loading={busy} onClick={form.submit}>
          {shared('save')}
        </Button>
      }
    >
      <Form<Fields>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={stage ?? { usual_days: null, category: 'pipeline', requires: [] }}
        onValuesChange={(changed: Partial<Fields>) => {
          if (!stage && changed.en !== undefined && !form.isFieldTouched('key'))
            form.setFieldValue('key', keyOf(changed.en, taken))
        }}
        onFinish={(values) => void save(values)}
      >
        <Form.Item name="zh" label={t('zh')} rules={name}>
          <Input maxLength={150} autoFocus={!narrow} />
        </Form.Item>
        <Form.Item name="en" label={t('en')} rules={name}>
          <Input maxLength={150} />
        </Form.Item>
        {!stage && (
          <Form.Item
            name="key"
            label={t('key')}
            extra={t('keyHint')}
            rules={[{ required: true, whitespace: true, message: t('needed') }]}
          >
            <Input maxLength={50} />
          </Form.Item>
        )}
        <Form.Item name="usual_days" label={t('pipelines.usualDays')} extra={t('pipelines.daysHint')}>
          <InputNumber min={1} max={3650} precision={0} />
        </Form.Item>
        <Form.Item name="category" label={t('pipelines.category')} extra={t('pipelines.categoryHint')}>
          <Select
            options={CATEGORIES.map((value) => ({ value, label: t(`pipelines.categories.${value}`) }))}
          />
        </Form.Item>
        <Form.Item name="requires" label={t('pipelines.requires')} extra={t('pipelines.requiresHint')}>
          <Select
            mode="multiple"
            className={own.wide}
            showSearch={{ optionFilterProp: 'label' }}
            options={fields
              .filter(({ changeable, key }) => changeable && key !== 'name' && key !== 'currency')
              .map((field) => ({ value: field.key, label: named(field) }))}
          />
        </Form.Item>
      </Form>
    </Drawer>
  )
}
