import { PlusOutlined } from '@ant-design/icons'
import { Button, Form, Input, Modal, Select } from 'antd'
import { useState } from 'react'
import { api, client, type Schemas } from '@/shared/api'
import { useSharedTexts } from '@/shared/texts'
import { type Pipeline, usePipelines, useSend } from './data'
import { withKeys } from './order'
import { Reorder } from './Reorder'
import own from './Shaping.module.css'
import { useShapingTexts } from './texts'

interface Fields {
  name: string
  line: number
  currency?: string
  stages: { zh: string; en: string }[]
}

/** A new pipeline with its first stages, or another name and currency for one. */
export function PipelineModal({ pipeline, onClose }: { pipeline?: Pipeline; onClose: () => void }) {
  const t = useShapingTexts()
  const shared = useSharedTexts()
  const send = useSend()
  const [form] = Form.useForm<Fields>()
  const [busy, setBusy] = useState(false)
  const lines = useLines()

  async function save({ name, line, currency, stages }: Fields) {
    setBusy(true)
    const done = await send(
      () =>
        pipeline
          ? client.PATCH('/api/shape/pipelines/{pipeline}', {
              params: { path: { pipeline: pipeline.id } },
              body: { name, currency: currency || undefined },
            })
          : client.POST('/api/shape/pipelines', {
              body: { name, line, currency: currency || undefined, stages: withKeys(stages) },
            }),
      shared('saved'),
    )
    setBusy(false)
    if (done) onClose()
  }
  const needed = [{ required: true, whitespace: true, message: t('needed') }]
  return (
    <Modal
      open
      title={pipeline ? t('pipelines.change') : t('pipelines.add')}
      okText={shared('save')}
      cancelText={shared('cancel')}
      confirmLoading={busy}
      width={520}
      onCancel={onClose}
      onOk={form.submit}
    >
      <Form<Fields>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={
          pipeline
            ? { name: pipeline.name, line: pipeline.line.id, currency: pipeline.currency }
            : {
                line: lines.length === 1 ? lines[0]?.value : undefined,
                stages: [
                  { zh: '', en: '' },
                  { zh: '', en: '' },
                ],
              }
        }
        onFinish={(values) => void save(values)}
      >
        <Form.Item name="name" label={t('pipelines.name')} rules={needed}>
          <Input maxLength={150} autoFocus />
        </Form.Item>
        {!pipeline && (
          <Form.Item
            name="line"
            label={t('pipelines.line')}
            rules={[{ required: true, message: t('needed') }]}
          >
            <Select options={lines} />
          </Form.Item>
        )}
        <Form.Item
          name="currency"
          label={t('pipelines.currency')}
          extra={t('pipelines.currencyHint')}
          normalize={(text: string) => text.toUpperCase()}
          rules={[{ pattern: /^[A-Z]{3}$/, message: t('pipelines.currencyWrong') }]}
        >
          <Input maxLength={3} placeholder={pipeline ? undefined : 'CNY'} />
        </Form.Item>
        {!pipeline && (
          <fieldset className={own.choices} aria-label={t('pipelines.firstStages')}>
            <div>{t('pipelines.firstStages')}</div>
            <p className={own.hint}>{t('pipelines.firstStagesHint')}</p>
            <Form.List name="stages">
              {(rows, { add, move, remove }) => (
                <>
                  {rows.map(({ key, name }, place) => (
                    <div key={key} className={own.choice}>
                      <Form.Item name={[name, 'zh']} rules={needed} noStyle>
                        <Input placeholder={t('zh')} aria-label={`${t('zh')} ${place + 1}`} />
                      </Form.Item>
                      <Form.Item name={[name, 'en']} rules={needed} noStyle>
                        <Input placeholder={t('en')} aria-label={`${t('en')} ${place + 1}`} />
                      </Form.Item>
                      <Reorder
                        name={`${t('pipelines.stage')} ${place + 1}`}
                        place={place}
                        of={rows.length}
                        move={(step) => move(place, place + step)}
                      />
                      <Button
                        size="small"
                        type="text"
                        disabled={rows.length === 1}
                        aria-label={`${t('currencies.remove')} ${place + 1}`}
                        onClick={() => remove(name)}
                      >
                        {t('currencies.remove')}
                      </Button>
                    </div>
                  ))}
                  <Button size="small" icon={<PlusOutlined />} onClick={() => add({ zh: '', en: '' })}>
                    {t('pipelines.addStage')}
                  </Button>
                </>
              )}
            </Form.List>
          </fieldset>
        )}
      </Form>
    </Modal>
  )
}

/** The lines of business, as far as teams and pipelines tell of them. */
function useLines(): { value: number; label: string }[] {
  const teams = api.useQuery('get', '/api/teams', {}, { staleTime: 600_000 })
  const pipelines = usePipelines()
  const known = new Map<number, string>()
  const walk = (nodes: readonly Schemas['TeamOut'][]) => {
    for (const { line, below } of nodes) {
      known.set(line.id, line.name)
      walk(below)
    }
  }
  walk(teams.data ?? [])
  for (const { line } of pipelines.data ?? []) known.set(line.id, line.name)
  return [...known].map(([value, label]) => ({ value, label }))
}
