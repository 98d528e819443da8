import { EditOutlined } from '@ant-design/icons'
import { Button, Input, Popover, Skeleton } from 'antd'
import dayjs from 'dayjs'
import { type FormEvent, lazy, type ReactNode, Suspense, useState } from 'react'
import { api, asProblem, client } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useLanguage, useNamed } from '@/shared/i18n'
import { useSharedTexts } from '@/shared/texts'
import { readAmount, writeAmount } from './amount'
import styles from './DealHeader.module.css'
import { Flash } from './Flash'
import type { Deal } from './stages'
import { useDealTexts } from './texts'
import { useTakeDeal } from './useDeal'

const DayPicker = lazy(() => import('./DayPicker'))

interface Props {
  deal: Deal
  editable: boolean
}

export function AmountFact({ deal, editable }: Props) {
  const t = useDealTexts()
  const f = useFormat()
  const zh = useLanguage() === 'zh'
  const now = deal.amount === null ? '' : writeAmount(deal.amount, zh)
  const [text, setText] = useState(now)
  const amount = readAmount(text)
  return (
    <Fact
      deal={deal}
      editable={editable}
      label={t('amount')}
      shown={deal.amount === null ? t('noAmount') : f.money(deal.amount, deal.currency)}
      title={deal.amount === null ? undefined : f.moneyExact(deal.amount, deal.currency)}
      told={(other) => (other.amount === null ? t('noAmount') : f.money(other.amount, other.currency))}
      mine={amount === null ? '' : f.money(amount, deal.currency)}
      change={amount === null ? null : { amount }}
      onOpen={() => setText(now)}
    >
      <Input
        autoFocus
        value={text}
        status={text && amount === null ? 'error' : ''}
        aria-label={t('amount')}
        onChange={(event) => setText(event.target.value)}
      />
      <span className={text && amount === null ? styles.wrong : undefined}>
        {amount === null ? t('amountHint') : f.moneyExact(amount, deal.currency)}
      </span>
    </Fact>
  )
}

export function DayFact({ deal, editable }: Props) {
  const t = useDealTexts()
  const f = useFormat()
  const [day, setDay] = useState(deal.expected_close_on)
  const over = deal.expected_close_on ? dayjs().startOf('day').diff(dayjs(deal.expected_close_on), 'day') : 0
  const shown = deal.expected_close_on
    ? t(over > 0 ? 'closesLate' : 'closes', { day: f.day(deal.expected_close_on), count: over })
    : t('noCloseOn')
  return (
    <Fact
      deal={deal}
      editable={editable}
      label={t('closeOn')}
      shown={shown}
      told={(other) => (other.expected_close_on ? f.day(other.expected_close_on) : t('noCloseOn'))}
      mine={f.day(day)}
      change={day ? { expected_close_on: day } : null}
      onOpen={() => setDay(deal.expected_close_on)}
    >
      <Suspense fallback={<Skeleton.Input active block />}>
        <DayPicker value={day} onChange={setDay} label={t('closeOn')} clearable={false} />
      </Suspense>
    </Fact>
  )
}

interface FactProps extends Props {
  label: string
  shown: string
  title?: string
  /** The value of another version of the deal, in words. */
  told: (deal: Deal) => string
  mine: string
  change: { amount: string } | { expected_close_on: string } | null
  onOpen: () => void
  children: ReactNode
}

/** A value that becomes a small form when touched. Who was slower is shown the other's value and decides. */
function Fact({ deal, editable, label, shown, title, told, mine, change, onOpen, children }: FactProps) {
  const t = useDealTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const take = useTakeDeal()
  const [open, setOpen] = useState(false)
  const [other, setOther] = useState<Deal | null>(null)
  const save = api.useMutation('patch', '/api/deals/{deal}', {
    onSuccess: (changed) => {
      take(changed)
      show(false)
    },
    onError: async (error) => {
      if (asProblem(error).status !== 409) return
      const { data } = await client.GET('/api/deals/{deal}', { params: { path: { deal: deal.id } } })
      if (!data) return
      setOther(data)
      take(data)
    },
  })
  const show = (to: boolean) => {
    if (to) onOpen()
    setOther(null)
    save.reset()
    setOpen(to)
  }
  const send = (event?: FormEvent) => {
    event?.preventDefault()
    if (!change) return
    setOther(null)
    save.mutate({
      params: { path: { deal: deal.id } },
      body: { version: (other ?? deal).version, ...change },
    })
  }
  const value = (
    <span title={title}>
      <Flash value={shown}>{shown}</Flash>
    </span>
  )
  if (!editable) return <span className={styles.fact}>{value}</span>
  return (
    <span className={styles.fact}>
      <Popover
        open={open}
        onOpenChange={show}
        trigger="click"
        placement="bottomLeft"
        destroyOnHidden
        content={
          <form className={styles.form} onSubmit={send}>
            <div className={styles.formLabel}>
              {label}
              {children}
            </div>
            {other && (
              <div className={styles.conflict} role="alert">
                {t('conflict.told', { label, theirs: told(other), mine })}
              </div>
            )}
            {save.error && asProblem(save.error).status !== 409 && (
              <div className={styles.wrong} role="alert">
                {named(asProblem(save.error))}
              </div>
            )}
            <div className={styles.buttons}>
              <Button size="small" onClick={() => show(false)}>
                {other ? t('conflict.keep') : shared('cancel')}
              </Button>
              <Button
                size="small"
                type="primary"
                htmlType="submit"
                loading={save.isPending}
                disabled={!change}
              >
                {other ? t('conflict.mine') : shared('save')}
              </Button>
            </div>
          </form>
        }
      >
        <button
          type="button"
          className={styles.edit}
          aria-haspopup="dialog"
          aria-label={t('edit', { label, shown })}
        >
          {value}
          <EditOutlined aria-hidden="true" />
        </button>
      </Popover>
    </span>
  )
}
