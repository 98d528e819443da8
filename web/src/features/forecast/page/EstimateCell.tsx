import { EditOutlined } from '@ant-design/icons'
import { useQueryClient } from '@tanstack/react-query'
import { Button, Input, Popover, Tooltip } from 'antd'
import { type FormEvent, useId, useState } from 'react'
import { readAmount, writeAmount } from '@/features/crm/amount'
import { api, asProblem } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useLanguage, useNamed } from '@/shared/i18n'
import { may, useMe } from '@/shared/me'
import { useSharedTexts } from '@/shared/texts'
import { useForecastTexts } from '../texts'
import type { Forecast, PeriodTotal, ScopeTotals } from '../types'
import styles from './Page.module.css'
import { estimateOf } from './scopes'

interface Props {
  forecast: Forecast
  scope: ScopeTotals
  total: PeriodTotal
}

/** A person's own figure beside the model's, with the reason; both are judged when the period is over. */
export function EstimateCell({ forecast, scope, total }: Props) {
  const t = useForecastTexts()
  const shared = useSharedTexts()
  const f = useFormat()
  const named = useNamed()
  const zh = useLanguage() === 'zh'
  const id = useId()
  const queries = useQueryClient()
  const { data: me } = useMe()
  const estimate = estimateOf(forecast, scope, total.period)
  const [open, setOpen] = useState(false)
  const [text, setText] = useState('')
  const [reason, setReason] = useState('')
  const amount = readAmount(text)
  const money = (value: string | number) => f.money(value, forecast.currency)
  const save = api.useMutation('put', '/api/forecast/estimates', {
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['get', '/api/forecast', {}] })
      setOpen(false)
    },
  })
  const show = (to: boolean) => {
    if (to) {
      setText(estimate ? writeAmount(estimate.amount, zh) : '')
      setReason(estimate?.reason ?? '')
      save.reset()
    }
    setOpen(to)
  }
  const apart = estimate ? Number(estimate.amount) / Number(total.expected.mean) - 1 : 0
  const shown = estimate ? (
    <span>
      {money(estimate.amount)}
      {Number.isFinite(apart) && (
        <small>
          {t('estimate.apart', { share: `${apart < 0 ? '−' : '+'}${f.percent(Math.abs(apart))}` })}
        </small>
      )}
    </span>
  ) : null
  const why =
    estimate &&
    t('estimate.why', { by: estimate.by.name, at: f.moment(estimate.made_at), reason: estimate.reason })
  const mine = me && (me.scopes.configure === 'all' || (scope.kind === 'team' && may(me, 'assign')))
  if (!mine) return <Tooltip title={why}>{shown ?? <span className={styles.faint}>—</span>}</Tooltip>
  const send = (event: FormEvent) => {
    event.preventDefault()
    if (amount === null || !reason.trim()) return
    save.mutate({
      body: { kind: scope.kind, scope: scope.id, period: total.period, amount, reason: reason.trim() },
    })
  }
  return (
    <Popover
      open={open}
      onOpenChange={show}
      trigger="click"
      placement="bottomRight"
      destroyOnHidden
      content={
        <form className={styles.form} onSubmit={send}>
          <b>
            {scope.kind === 'all' ? t('page.all') : scope.name} · {f.period(total.period)}
          </b>
          <span className={styles.meta}>
            {t('estimate.model', {
              mean: money(total.expected.mean),
              low: money(total.expected.low),
              high: money(total.expected.high),
            })}
          </span>
          <label htmlFor={`${id}-amount`}>
            {t('estimate.amount')}
            <Input
              id={`${id}-amount`}
              value={text}
              status={text && amount === null ? 'error' : ''}
              placeholder={t('estimate.amountHint')}
              onChange={(event) => setText(event.target.value)}
            />
          </label>
          <label htmlFor={`${id}-reason`}>
            {t('estimate.reason')}
            <Input.TextArea
              id={`${id}-reason`}
              rows={2}
              maxLength={500}
              value={reason}
              placeholder={t('estimate.reasonHint')}
              onChange={(event) => setReason(event.target.value)}
            />
          </label>
          {save.error && (
            <span role="alert" className={styles.wrong}>
              {named(asProblem(save.error))}
            </span>
          )}
          <div className={styles.buttons}>
            <Button size="small" onClick={() => setOpen(false)}>
              {shared('cancel')}
            </Button>
            <Button
              size="small"
              type="primary"
              htmlType="submit"
              loading={save.isPending}
              disabled={amount === null || !reason.trim()}
            >
              {shared('save')}
            </Button>
          </div>
        </form>
      }
    >
      <button
        type="button"
        className={styles.estimateButton}
        title={open ? undefined : (why ?? undefined)}
        aria-haspopup="dialog"
      >
        {shown ?? t('estimate.add')}
        <EditOutlined aria-hidden="true" />
        <span className="visually-hidden">
          {t('estimate.edit', { scope: scope.name, period: f.period(total.period) })}
        </span>
      </button>
    </Popover>
  )
}
