import { Input, Select, Spin } from 'antd'
import { useState } from 'react'
import { readAmount } from '@/features/crm/amount'
import { capital } from '@/features/timeline/entries'
import { api } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { ErrorBox } from '@/shared/states'
import { Change } from '../Change'
import { useForecastTexts } from '../texts'
import type { Props } from './WhatIf'
import styles from './WhatIf.module.css'

interface Facts {
  kinds: string[]
  stage?: string
  amount: string | null
}

const NOTHING: Facts = { kinds: [], amount: null }

/** Facts to try, and what the forecast would read with them. */
export default function WhatIfEditor({ id, deal, stages, stage }: Props & { id: string }) {
  const t = useForecastTexts()
  const f = useFormat()
  const named = useNamed()
  const [facts, setFacts] = useState<Facts>(NOTHING)
  const [text, setText] = useState('')
  const path = { deal }
  const options = api.useQuery('get', '/api/deals/{deal}/what-if', { params: { path } })
  const asking = api.useMutation('post', '/api/deals/{deal}/what-if')

  const change = (to: Facts) => {
    setFacts(to)
    if (to.kinds.length || to.stage || to.amount)
      asking.mutate({
        params: { path },
        body: { add_kinds: to.kinds, move_to_stage: to.stage ?? null, amount: to.amount },
      })
    else asking.reset()
  }
  const readable = text === '' || readAmount(text) !== null
  const settle = () => {
    const amount = text === '' ? null : readAmount(text)
    if (readable && amount !== facts.amount) change({ ...facts, amount })
  }
  const said = asking.data
  return (
    <>
      <div className={styles.form}>
        <label htmlFor={`${id}-kinds`}>
          <span>{t('whatIf.kinds')}</span>
          <Select
            id={`${id}-kinds`}
            mode="multiple"
            allowClear
            showSearch={{ optionFilterProp: 'label' }}
            placeholder={t('whatIf.kindsHint')}
            loading={options.isLoading}
            value={facts.kinds}
            options={options.data?.map((o) => ({ value: o.kind, label: capital(named(o)) })) ?? []}
            onChange={(kinds) => change({ ...facts, kinds })}
          />
        </label>
        <label htmlFor={`${id}-stage`}>
          <span>{t('whatIf.stage')}</span>
          <Select
            id={`${id}-stage`}
            allowClear
            placeholder={t('whatIf.stageHint')}
            value={facts.stage}
            options={stages.filter((s) => s.key !== stage).map((s) => ({ value: s.key, label: named(s) }))}
            onChange={(to?: string) => change({ ...facts, stage: to })}
          />
        </label>
        <label htmlFor={`${id}-amount`}>
          <span>{t('whatIf.amount')}</span>
          <Input
            id={`${id}-amount`}
            allowClear
            value={text}
            status={readable ? '' : 'error'}
            placeholder={t('whatIf.amountHint')}
            onChange={(event) => setText(event.target.value)}
            onBlur={settle}
            onPressEnter={settle}
          />
        </label>
      </div>
      {options.error && <ErrorBox error={options.error} retry={() => void options.refetch()} />}
      {asking.error ? (
        <ErrorBox error={asking.error} retry={() => change(facts)} />
      ) : (
        <div className={styles.answer} aria-live="polite">
          {said ? (
            <Spin spinning={asking.isPending} size="small">
              <span className={styles.before}>{f.percent(said.before)}</span>
              <span aria-hidden="true">→</span>
              <span className={styles.after}>{f.percent(said.after)}</span>
              <Change value={said.after - said.before} />
            </Spin>
          ) : (
            <span className={styles.idle}>{asking.isPending ? t('whatIf.asking') : t('whatIf.idle')}</span>
          )}
        </div>
      )}
      <p className={styles.caution}>{t('whatIf.caution')}</p>
    </>
  )
}
