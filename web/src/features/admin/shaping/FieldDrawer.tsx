import { PlusOutlined } from '@ant-design/icons'
import { Button, Checkbox, Drawer, Form, Input, Select } from 'antd'
import { useState } from 'react'
import { client, type Schemas } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { useSharedTexts } from '@/shared/texts'
import { useNarrow } from '@/shared/useNarrow'
import { type OwnField, type Shape, useSend } from './data'
import { keyOf, withKeys } from './order'
import { Reorder } from './Reorder'
import own from './Shaping.module.css'
import { useShapingTexts } from './texts'

const KINDS = [
  'text',
  'long_text',
  'number',
  'money',
  'date',
  'bool',
  'choice',
  'choices',
  'person',
  'record',
] as const

interface Fields {
  zh: string
  en: string
  key: string
  kind: OwnField['kind']
  target?: Shape['key']
  required: boolean
  choices: { key?: string; zh: string; en: string; retired?: boolean }[]
}

/** A new own field, or another name and other choices for one. */
export function FieldDrawer({
  shape,
  shapes,
  field,
  onClose,
}: {
  shape: Shape
  shapes: Shape[]
  field?: OwnField
  onClose: () => void
}) {
  const t = useShapingTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const narrow = useNarrow()
  const send = useSend()
  const [form] = Form.useForm<Fields>()
  const [busy, setBusy] = useState(false)
  const kind = Form.useWatch('kind', form) ?? field?.kind
  const choosy = kind === 'choice' || kind === 'choices'
  const taken = [...shape.own.map(({ key }) => key), ...shape.ruled.map(({ key }) => key)]

  async function save(values: Fields) {
    setBusy(true)
    const { zh, en, required } = values
    const choices = choosy
      ? withKeys(values.choices).map((one) => ({ ...one, retired: one.retired ?? false }))
      : undefined
    const done = await send(
      () =>
        field
          ? client.PATCH('/api/shape/fields/{own_field}', {
              params: { path: { own_field: field.id } },
              body: { zh, en, required, choices },
            })
          : client.POST('/api/shape/fields', {
              body: {
                record_type: shape.key,
                key: values.key,
                type: values.kind,
                zh,
                en,
                required,
                choices: (choices ?? []) as Schemas['OwnChoice'][],
                target: values.target ?? '',
              },
            }),
      shared('saved'),
    )
    setBusy(false)
    if (done) onClose()
  }
  const name = [{ required: true, whitespace: true, message: t('needed') }]
  return (
    <Drawer
      open
      title={field ? named(field) : t('fields.new', { kind: named(shape) })}
      size={narrow ? '100%' : 520}
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
        initialValues={
          field
            ? { ...field, target: field.target || undefined }
            : { kind: 'text', required: false, choices: [{ zh: '', en: '' }] }
        }
        onValuesChange={(changed: Partial<Fields>) => {
          if (!field && changed.en !== undefined && !form.isFieldTouched('key'))
            form.setFieldValue('key', keyOf(changed.en, taken))
        }}
        onFinish={(values) => void save(values)}
      >
        <Form.Item name="zh" label={t('zh')} rules={name}>
          <Input maxLength={60} autoFocus={!narrow} />
        </Form.Item>
        <Form.Item name="en" label={t('en')} rules={name}>
          <Input maxLength={60} />
        </Form.Item>
        {!field && (
          <Form.Item
            name="key"
            label={t('key')}
            extra={t('keyHint')}
            rules={[{ required: true, pattern: /^[a-z][a-z0-9_]{0,38}$/, message: t('keyWrong') }]}
          >
            <Input maxLength={39} />
          </Form.Item>
        )}
        <Form.Item name="kind" label={t('fields.type')}>
          <Select
            disabled={field !== undefined}
            options={KINDS.map((value) => ({ value, label: t(`fields.kinds.${value}`) }))}
          />
        </Form.Item>
        {kind === 'record' && (
          <Form.Item
            name="target"
            label={t('fields.target')}
            rules={[{ required: true, message: t('needed') }]}
          >
            <Select
              disabled={field !== undefined}
              options={shapes.map((one) => ({ value: one.key, label: named(one) }))}
            />
          </Form.Item>
        )}
        <Form.Item name="required" valuePropName="checked">
          <Checkbox>{t('fields.requiredAsk')}</Checkbox>
        </Form.Item>
        {choosy && <Choices taken={field?.choices.length ?? 0} />}
      </Form>
    </Drawer>
  )
}

/** The choices in their order. Those that are kept already are retired, never removed. */
function Choices({ taken }: { taken: number }) {
  const t = useShapingTexts()
  const needed = [{ required: true, whitespace: true, message: t('needed') }]
  return (
    <fieldset className={own.choices} aria-label={t('fields.choices')}>
      <div>{t('fields.choices')}</div>
      {taken > 0 && <p className={own.hint}>{t('fields.choicesHint')}</p>}
      <Form.List
        name="choices"
        rules={[
          {
            validator: (_, choices?: unknown[]) =>
              choices?.length ? Promise.resolve() : Promise.reject(new Error(t('fields.choiceNeeded'))),
          },
        ]}
      >
        {(rows, { add, move, remove }, { errors }) => (
          <>
            {rows.map(({ key, name }, place) => (
              <div key={key} className={own.choice}>
                <Form.Item name={[name, 'zh']} rules={needed} noStyle>
                  <Input maxLength={60} placeholder={t('zh')} aria-label={`${t('zh')} ${place + 1}`} />
                </Form.Item>
                <Form.Item name={[name, 'en']} rules={needed} noStyle>
                  <Input maxLength={60} placeholder={t('en')} aria-label={`${t('en')} ${place + 1}`} />
                </Form.Item>
                <Reorder
                  name={`${t('fields.choices')} ${place + 1}`}
                  place={place}
                  of={rows.length}
                  move={(step) => move(place, place + step)}
                />
                <Form.Item shouldUpdate noStyle>
                  {({ getFieldValue }) =>
                    getFieldValue(['choices', name, 'key']) ? (
                      <Form.Item name={[name, 'retired']} valuePropName="checked" noStyle>
                        <Checkbox>{t('fields.choiceRetired')}</Checkbox>
                      </Form.Item>
                    ) : (
                      <Button
                        size="small"
                        type="text"
                        disabled={rows.length === 1}
                        aria-label={`${t('currencies.remove')} ${place + 1}`}
                        onClick={() => remove(name)}
                      >
                        {t('currencies.remove')}
                      </Button>
                    )
                  }
                </Form.Item>
              </div>
            ))}
            <Form.ErrorList errors={errors} />
            <Button size="small" icon={<PlusOutlined />} onClick={() => add({ zh: '', en: '' })}>
              {t('fields.addChoice')}
            </Button>
          </>
        )}
      </Form.List>
    </fieldset>
  )
}
