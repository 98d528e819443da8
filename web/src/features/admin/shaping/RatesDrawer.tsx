import { App, Button, DatePicker, Drawer, Form, Input, Table } from 'antd'
import dayjs, { type Dayjs } from 'dayjs'
import { useState } from 'react'
import { api, client, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useCurrencyName } from '@/shared/Lacking'
import { Loaded } from '@/shared/states'
import { useSharedTexts } from '@/shared/texts'
import { useNarrow } from '@/shared/useNarrow'
import styles from '../admin.module.css'
import { useSend } from './data'
import { isRate, short } from './rates'
import own from './Shaping.module.css'
import { useShapingTexts } from './texts'

interface Fields {
  currency: string
  from: Dayjs
  rate: string
}

/** What a currency was worth day by day, and a new rate for it; without a `currency`, of one to be named. */
export default function RatesDrawer({
  house,
  currency,
  onClose,
}: {
  house: string
  currency: string
  onClose: () => void
}) {
  const t = useShapingTexts()
  const shared = useSharedTexts()
  const narrow = useNarrow()
  const name = useCurrencyName()
  const send = useSend()
  const [form] = Form.useForm<Fields>()
  const [of, setOf] = useState(currency)
  const [busy, setBusy] = useState(false)
  async function save({ from, rate, ...named }: Fields) {
    const one = currency || named.currency
    setBusy(true)
    const done = await send(
      () =>
        client.PUT('/api/currency-rates', {
          body: { rates: [{ currency: one, from_on: from.format('YYYY-MM-DD'), rate: rate.trim() }] },
        }),
      shared('saved'),
    )
    setBusy(false)
    if (!done) return
    setOf(one)
    form.resetFields(['rate'])
  }
  return (
    <Drawer
      open
      title={of ? `${name(of)} · ${of}` : t('currencies.set')}
      size={narrow ? '100%' : 480}
      onClose={onClose}
    >
      <Form<Fields>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ from: dayjs(), currency: '' }}
        onFinish={(values) => void save(values)}
      >
        {!currency && (
          <Form.Item
            name="currency"
            label={t('currencies.other')}
            extra={t('currencies.otherAsk')}
            normalize={(text: string) => text.toUpperCase()}
            rules={[{ required: true, pattern: /^[A-Z]{3}$/, message: t('pipelines.currencyWrong') }]}
          >
            <Input maxLength={3} autoFocus={!narrow} onBlur={({ target }) => setOf(target.value)} />
          </Form.Item>
        )}
        <div className={own.inline}>
          <Form.Item
            name="from"
            label={t('currencies.from')}
            rules={[{ required: true, message: t('needed') }]}
          >
            <DatePicker className={own.wide} allowClear={false} />
          </Form.Item>
          <Form.Item
            name="rate"
            label={t('currencies.value', { currency: of || '?', house })}
            rules={[
              {
                validator: (_, value?: string) =>
                  isRate(value?.trim() ?? '')
                    ? Promise.resolve()
                    : Promise.reject(new Error(t('currencies.valueWrong'))),
              },
            ]}
          >
            <Input inputMode="decimal" autoFocus={!narrow && currency !== ''} />
          </Form.Item>
          <Button type="primary" htmlType="submit" loading={busy}>
            {shared('save')}
          </Button>
        </div>
      </Form>
      {/^[A-Z]{3}$/.test(of) && of !== house && <History currency={of} />}
    </Drawer>
  )
}

function History({ currency }: { currency: string }) {
  const t = useShapingTexts()
  const shared = useSharedTexts()
  const format = useFormat()
  const send = useSend()
  const { modal } = App.useApp()
  const query = api.useQuery('get', '/api/currency-rates', { params: { query: { currency } } })
  const remove = (rate: Schemas['RateOut']) =>
    void modal.confirm({
      title: `${t('currencies.remove')} · ${format.full(rate.from_on)}`,
      content: t('currencies.removeAsk'),
      okText: t('currencies.remove'),
      cancelText: shared('cancel'),
      icon: null,
      okButtonProps: { danger: true },
      onOk: () =>
        send(
          () => client.DELETE('/api/currency-rates/{rate}', { params: { path: { rate: rate.id } } }),
          shared('saved'),
        ),
    })
  return (
    <section aria-label={t('currencies.history')}>
      <Loaded query={query}>
        {(rates) =>
          rates.length ? (
            <div className={styles.table}>
              <Table<Schemas['RateOut']>
                size="small"
                rowKey="id"
                pagination={rates.length > 50 ? { pageSize: 50, showSizeChanger: false } : false}
                dataSource={rates}
                columns={[
                  {
                    key: 'from',
                    title: t('currencies.from'),
                    render: (_, { from_on }) => format.full(from_on),
                  },
                  {
                    key: 'rate',
                    title: t('currencies.rateThen'),
                    align: 'right',
                    render: (_, { rate }) => short(rate),
                  },
                  {
                    key: 'actions',
                    width: 80,
                    render: (_, rate) => (
                      <Button size="small" type="text" onClick={() => remove(rate)}>
                        {t('currencies.remove')}
                      </Button>
                    ),
                  },
                ]}
              />
            </div>
          ) : (
            <p className={own.hint}>{t('currencies.noHistory')}</p>
          )
        }
      </Loaded>
    </section>
  )
}
