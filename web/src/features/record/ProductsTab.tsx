import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { useQueryClient } from '@tanstack/react-query'
import { App, Button, Input } from 'antd'
import { useState } from 'react'
import { api, asProblem, client, type Schemas } from '@/shared/api'
import { NOTHING, useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { Empty, Loaded } from '@/shared/states'
import { useSharedTexts } from '@/shared/texts'
import { at, oneOf, useRefresh } from './data'
import { RecordSelect } from './Editor'
import styles from './Record.module.css'
import { useRecordTexts } from './texts'
import type { Reference } from './values'

type Lines = Schemas['LinesOut']

interface Draft {
  key: number
  product: Reference | null
  quantity: string
  price: string
  discount: string
}

const DIGITS = /^\d+(\.\d+)?$/
const plain = (text: string) => text.replaceAll(/[\s,，]/g, '')
const trimmed = (text: string) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text)
let lastKey = 0

/** What a deal is about, at which price. The server adds up: what is shown and what becomes the amount is the same. */
export function ProductsTab({ deal, editable }: { deal: number; editable: boolean }) {
  const t = useRecordTexts()
  const query = api.useQuery('get', '/api/deals/{deal}/products', { params: { path: { deal } } })
  const [editing, setEditing] = useState<Lines | null>(null)
  return (
    <Loaded query={query}>
      {(lines) =>
        editing ? (
          <EditLines deal={deal} from={editing} onClose={() => setEditing(null)} />
        ) : lines.lines.length === 0 ? (
          <Empty
            why={t('products.none')}
            action={
              editable && (
                <Button icon={<PlusOutlined />} onClick={() => setEditing(lines)}>
                  {t('products.add')}
                </Button>
              )
            }
          />
        ) : (
          <ShownLines deal={deal} lines={lines} editable={editable} onEdit={() => setEditing(lines)} />
        )
      }
    </Loaded>
  )
}

function ShownLines({
  deal,
  lines,
  editable,
  onEdit,
}: {
  deal: number
  lines: Lines
  editable: boolean
  onEdit: () => void
}) {
  const t = useRecordTexts()
  const f = useFormat()
  const named = useNamed()
  const { message } = App.useApp()
  const refresh = useRefresh()
  const record = api.useQuery('get', oneOf('deal'), { params: at('deal', deal) })
  const amount = record.data?.values.amount
  const take = api.useMutation('post', '/api/deals/{deal}/products/take-over', {
    onSuccess: () => message.success(t('products.taken')),
    onError: (error) => message.error(named(asProblem(error))),
    onSettled: () => refresh('deal', deal),
  })
  const differs = lines.total !== null && Number(amount ?? -1) !== Number(lines.total)
  return (
    <div className={styles.stack}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls on a phone, by keyboard as well */}
      <section className={styles.scroll} tabIndex={0} aria-label={t('tab.products')}>
        <table className={styles.lineTable}>
          <thead>
            <tr>
              <th>{t('products.product')}</th>
              <th>{t('products.quantity')}</th>
              <th>{t('products.price')}</th>
              <th>{t('products.discount')}</th>
              <th>{t('products.total')}</th>
            </tr>
          </thead>
          <tbody>
            {lines.lines.map((line, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a line is named by its place alone
              <tr key={place}>
                <td>{line.product.name}</td>
                <td>
                  {trimmed(line.quantity)} {line.unit}
                </td>
                <td>{f.moneyExact(line.price, lines.currency)}</td>
                <td>
                  {line.discount === null
                    ? NOTHING
                    : Number(line.discount)
                      ? `${trimmed(line.discount)}%`
                      : ''}
                </td>
                <td>{f.moneyExact(line.total, lines.currency)}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th colSpan={4}>{t('products.sum')}</th>
              <td>
                <strong>{f.moneyExact(lines.total, lines.currency)}</strong>
              </td>
            </tr>
          </tfoot>
        </table>
      </section>
      {editable && (
        <div className={styles.buttons}>
          {differs && (
            <Button
              loading={take.isPending}
              onClick={() => take.mutate({ params: { path: { deal } }, body: { version: lines.version } })}
            >
              {t('products.takeOver', { amount: f.money(lines.total, lines.currency) })}
            </Button>
          )}
          <Button onClick={onEdit}>{t('products.edit')}</Button>
        </div>
      )}
    </div>
  )
}

function EditLines({ deal, from, onClose }: { deal: number; from: Lines; onClose: () => void }) {
  const t = useRecordTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const { message } = App.useApp()
  const queries = useQueryClient()
  const refresh = useRefresh()
  const [busy, setBusy] = useState(false)
  const blank = (): Draft => {
    lastKey += 1
    return { key: lastKey, product: null, quantity: '1', price: '', discount: '0' }
  }
  const [drafts, setDrafts] = useState<Draft[]>(() => [
    ...from.lines.map((line) => ({
      ...blank(),
      product: line.product,
      quantity: trimmed(line.quantity),
      price: trimmed(line.price ?? '0'),
      discount: trimmed(line.discount ?? '0'),
    })),
    ...(from.lines.length ? [] : [blank()]),
  ])
  const change = (key: number, part: Partial<Draft>) =>
    setDrafts((now) => now.map((each) => (each.key === key ? { ...each, ...part } : each)))
  const choose = async (key: number, product: Reference | null) => {
    change(key, { product })
    if (!product) return
    const { data } = await client.GET(oneOf('product'), { params: at('product', product.id) })
    const price = data?.values.price
    if (typeof price === 'string' && data?.values.currency === from.currency)
      setDrafts((now) =>
        now.map((each) => (each.key === key && !each.price ? { ...each, price: trimmed(price) } : each)),
      )
  }
  const right = ({ product, quantity, price, discount }: Draft) =>
    product && [quantity, price, discount].every((text) => DIGITS.test(plain(text)))
  const save = async () => {
    setBusy(true)
    try {
      const { data } = await client.PUT('/api/deals/{deal}/products', {
        params: { path: { deal } },
        body: {
          version: from.version,
          lines: drafts.map((each) => ({
            product: each.product?.id ?? 0,
            quantity: plain(each.quantity),
            price: plain(each.price),
            discount: plain(each.discount),
          })),
        },
      })
      queries.setQueryData(['get', '/api/deals/{deal}/products', { params: { path: { deal } } }], data)
      onClose()
    } catch (error) {
      message.error(named(asProblem(error)))
    } finally {
      setBusy(false)
      refresh('deal', deal)
    }
  }
  return (
    <div className={styles.stack}>
      <ul className={styles.lineForms}>
        {drafts.map((each) => (
          <li key={each.key}>
            <RecordSelect
              kind="product"
              value={each.product}
              where={{ field: 'active', op: 'is', value: true }}
              onChange={(product) => void choose(each.key, product)}
              clearable={false}
              placeholder={t('products.choose')}
              aria-label={t('products.product')}
            />
            {(['quantity', 'price', 'discount'] as const).map((name) => (
              <Input
                key={name}
                value={each[name]}
                inputMode="decimal"
                aria-label={t(`products.${name}`)}
                placeholder={t(`products.${name}`)}
                suffix={name === 'discount' ? '%' : undefined}
                status={each[name] && !DIGITS.test(plain(each[name])) ? 'error' : ''}
                onChange={(event) => change(each.key, { [name]: event.target.value })}
              />
            ))}
            <Button
              type="text"
              icon={<DeleteOutlined />}
              aria-label={t('products.remove')}
              onClick={() => setDrafts((now) => now.filter(({ key }) => key !== each.key))}
            />
          </li>
        ))}
      </ul>
      <div className={styles.buttons}>
        <Button icon={<PlusOutlined />} onClick={() => setDrafts((now) => [...now, blank()])}>
          {t('products.add')}
        </Button>
        <span className={styles.grow} />
        <Button onClick={onClose}>{shared('cancel')}</Button>
        <Button type="primary" loading={busy} disabled={!drafts.every(right)} onClick={() => void save()}>
          {shared('save')}
        </Button>
      </div>
    </div>
  )
}
