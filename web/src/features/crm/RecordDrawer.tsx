import { useQueryClient } from '@tanstack/react-query'
import { App, Button, DatePicker, Drawer, Form, Grid, Input, Segmented, Select } from 'antd'
import dayjs, { type Dayjs } from 'dayjs'
import { api, asProblem, type Schemas } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { useSharedTexts } from '@/shared/texts'
import { useContacts } from './PersonPicker'
import type { Deal } from './stages'
import { useDealTexts } from './texts'
import { keysOf } from './useDeal'

type Channel = Schemas['NewCommunication']['channel']
type Direction = Schemas['NewCommunication']['direction']

interface Values {
  channel: Channel
  direction: Direction
  contact?: number
  title: string
  text?: string
  at: Dayjs
}

const CHANNELS: Channel[] = ['call', 'meeting', 'visit', 'mail', 'chat']
/** Where both sides talk at once there is no direction. */
const ONE_WAY = new Set<Channel>(['mail', 'chat', 'call'])

/** Write down what was said, with whom and when. What was typed stays until it is saved. */
export default function RecordDrawer({
  deal,
  open,
  onClose,
}: {
  deal: Deal
  open: boolean
  onClose: () => void
}) {
  const t = useDealTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const { message } = App.useApp()
  const phone = !Grid.useBreakpoint().md
  const [form] = Form.useForm<Values>()
  const channel = Form.useWatch('channel', form) ?? 'call'
  const contacts = useContacts(deal, open)
  const queries = useQueryClient()
  const save = api.useMutation('post', '/api/deals/{deal}/communications', {
    onSuccess: () => {
      for (const queryKey of keysOf(deal.id)) void queries.invalidateQueries({ queryKey })
      message.success(t('record.done'))
      form.resetFields()
      onClose()
    },
  })
  const finish = ({ channel, direction, contact, title, text, at }: Values) =>
    save.mutate({
      params: { path: { deal: deal.id } },
      body: {
        channel,
        direction: ONE_WAY.has(channel) ? direction : 'none',
        contact: contact ?? null,
        title: title.trim(),
        text: text?.trim() ?? '',
        at: at.toISOString(),
      },
    })
  return (
    <Drawer
      open={open}
      onClose={onClose}
      title={t('record.title')}
      size={480}
      placement={phone ? 'bottom' : 'right'}
      styles={phone ? { wrapper: { height: '90dvh' } } : undefined}
      afterOpenChange={(shown) => {
        if (shown && !form.isFieldsTouched()) form.setFieldValue('at', dayjs())
      }}
      footer={
        <div style={{ display: 'flex', justifyContent: 'flex-end', gap: 8 }}>
          <Button onClick={onClose}>{shared('cancel')}</Button>
          <Button type="primary" loading={save.isPending} onClick={form.submit}>
            {t('record.save')}
          </Button>
        </div>
      }
    >
      <Form<Values>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ channel: 'call', direction: 'out', at: dayjs() }}
        onFinish={finish}
      >
        <Form.Item name="channel" label={t('record.channel')}>
          <Segmented
            block
            aria-label={t('record.channel')}
            options={CHANNELS.map((value) => ({ value, label: t(`channel.${value}`) }))}
          />
        </Form.Item>
        {ONE_WAY.has(channel) && (
          <Form.Item name="direction" label={t('record.direction')}>
            <Segmented
              aria-label={t('record.direction')}
              options={(['out', 'in'] as const).map((value) => ({ value, label: t(`direction.${value}`) }))}
            />
          </Form.Item>
        )}
        <Form.Item name="contact" label={t('record.contact')}>
          <Select
            allowClear
            showSearch={{ optionFilterProp: 'label' }}
            loading={contacts.isLoading}
            placeholder={t('record.contactHint')}
            options={contacts.data}
          />
        </Form.Item>
        <Form.Item
          name="title"
          label={t('record.what')}
          rules={[{ required: true, whitespace: true, message: t('record.whatNeeded') }]}
        >
          <Input maxLength={200} placeholder={t('record.whatHint')} />
        </Form.Item>
        <Form.Item name="text" label={t('record.text')}>
          <Input.TextArea
            autoSize={{ minRows: 4, maxRows: 12 }}
            maxLength={10_000}
            placeholder={t('record.textHint')}
          />
        </Form.Item>
        <Form.Item
          name="at"
          label={t('record.at')}
          extra={t('record.atHint')}
          rules={[
            { required: true, message: t('record.atNeeded') },
            {
              validator: (_, at?: Dayjs) =>
                at?.isAfter(dayjs().add(1, 'minute'))
                  ? Promise.reject(new Error(t('record.atFuture')))
                  : Promise.resolve(),
            },
          ]}
        >
          <DatePicker
            showTime={{ format: 'HH:mm' }}
            format="YYYY-MM-DD HH:mm"
            allowClear={false}
            disabledDate={(day) => day.isAfter(dayjs(), 'day')}
            style={{ width: '100%' }}
          />
        </Form.Item>
        {save.error && (
          <p role="alert" style={{ color: 'var(--bad)' }}>
            {named(asProblem(save.error))}
          </p>
        )}
      </Form>
    </Drawer>
  )
}
