import { useQueryClient } from '@tanstack/react-query'
import { App, Button, Input, Modal } from 'antd'
import { type FormEvent, useState } from 'react'
import { readAmount, writeAmount } from '@/features/crm/amount'
import { api, asProblem } from '@/shared/api'
import { useLanguage, useNamed } from '@/shared/i18n'
import { useSharedTexts } from '@/shared/texts'
import { type Attainment, amountOf, cents, spread } from './sums'
import styles from './TargetsPage.module.css'
import { useTargetsTexts } from './texts'

interface Draft {
  base: string
  stretch: string
}

/** Twelve months of one scope, each with a target and a stretch. */
export function SetTargets({ row, year, onClose }: { row: Attainment; year: number; onClose: () => void }) {
  const t = useTargetsTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const zh = useLanguage() === 'zh'
  const { message } = App.useApp()
  const queries = useQueryClient()
  const write = (amount: string | null) => (amount === null ? '' : writeAmount(amount, zh))
  const [drafts, setDrafts] = useState<Draft[]>(() =>
    row.months.map(({ base, stretch }) => ({ base: write(base), stretch: write(stretch) })),
  )
  const [whole, setWhole] = useState('')
  const save = api.useMutation('put', '/api/targets', {
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['get', '/api/targets'] })
      void message.success(t('saved'))
      onClose()
    },
  })
  const change = (place: number, draft: Partial<Draft>) =>
    setDrafts((now) => now.map((each, at) => (at === place ? { ...each, ...draft } : each)))
  const total = readAmount(whole)
  const wrong = drafts.some((draft) => isWrong(draft))
  const send = (event: FormEvent) => {
    event.preventDefault()
    if (wrong) return
    save.mutate({
      body: {
        kind: row.kind,
        scope: row.scope,
        goals: drafts.map(({ base, stretch }, place) => ({
          month: `${year}-${String(place + 1).padStart(2, '0')}-01`,
          base: readAmount(base),
          stretch: base.trim() ? readAmount(stretch) : null,
        })),
      },
    })
  }
  const name = row.kind === 'all' ? t('all') : row.name
  return (
    <Modal
      open
      title={`${t('setOf', { name })} · ${year}`}
      onCancel={onClose}
      footer={null}
      width={560}
      destroyOnHidden
    >
      <form onSubmit={send}>
        <div className={styles.spread}>
          <Input
            value={whole}
            aria-label={t('spreadHint')}
            placeholder={t('spreadHint')}
            onChange={(event) => setWhole(event.target.value)}
          />
          <Button
            disabled={total === null}
            onClick={() => {
              if (total === null) return
              const parts = spread(cents(total), 12)
              setDrafts((now) => now.map((draft, place) => withBase(draft, amountOf(parts[place] ?? 0n), zh)))
            }}
          >
            {t('spread')}
          </Button>
        </div>
        <div className={styles.months}>
          <span />
          <b>{t('target')}</b>
          <b>{t('stretch')}</b>
          {drafts.map((draft, place) => (
            <MonthInputs
              // biome-ignore lint/suspicious/noArrayIndexKey: there are always twelve months, in this order
              key={place}
              month={place + 1}
              draft={draft}
              onChange={(changed) => change(place, changed)}
            />
          ))}
        </div>
        {wrong && (
          <p role="alert" className={styles.wrong}>
            {t('wrong')}
          </p>
        )}
        {save.error && (
          <p role="alert" className={styles.wrong}>
            {named(asProblem(save.error))}
          </p>
        )}
        <div className={styles.buttons}>
          <Button onClick={onClose}>{shared('cancel')}</Button>
          <Button type="primary" htmlType="submit" loading={save.isPending} disabled={wrong}>
            {shared('save')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}

interface MonthProps {
  month: number
  draft: Draft
  onChange: (draft: Partial<Draft>) => void
}

function MonthInputs({ month, draft, onChange }: MonthProps) {
  const t = useTargetsTexts()
  const status = isWrong(draft) ? 'error' : ''
  return (
    <>
      <span>{t('monthOf', { month })}</span>
      <Input
        value={draft.base}
        status={status}
        placeholder={month === 1 ? t('hint') : undefined}
        aria-label={t('baseOf', { month })}
        onChange={(event) => onChange({ base: event.target.value })}
      />
      <Input
        value={draft.stretch}
        status={status}
        aria-label={t('stretchOf', { month })}
        onChange={(event) => onChange({ stretch: event.target.value })}
      />
    </>
  )
}

/** A draft with another target; a stretch that is below it by now goes. */
function withBase(draft: Draft, base: string, zh: boolean): Draft {
  const written = { ...draft, base: writeAmount(base, zh) }
  return isWrong(written) ? { ...written, stretch: '' } : written
}

function isWrong({ base, stretch }: Draft): boolean {
  const low = readAmount(base)
  const high = readAmount(stretch)
  if (base.trim() && low === null) return true
  if (stretch.trim() && (high === null || low === null)) return true
  return low !== null && high !== null && cents(high) < cents(low)
}
