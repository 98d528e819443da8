import { Alert, Button, Checkbox, Drawer, Form, Input, InputNumber, Segmented, Select } from 'antd'
import { useState } from 'react'
import { type ApiProblem, api, asProblem } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { useNarrow } from '@/shared/useNarrow'
import { type Collecting, type Rule, type Source, type Treatment, useAfter } from './data'
import styles from './Governance.module.css'
import { useGovernanceTexts } from './texts'

const LONGEST_DAYS = 1827

/** A form for a whole boundary, begun from what is in force or from a preset. */
export function Propose({
  collecting,
  from,
  close,
}: {
  collecting: Collecting
  from: readonly Rule[]
  close: () => void
}) {
  const t = useGovernanceTexts()
  const named = useNamed()
  const narrow = useNarrow()
  const { say, again } = useAfter()
  const [rules, setRules] = useState(() => new Map(from.map((rule) => [rule.source, rule])))
  const [reason, setReason] = useState('')
  const [lacking, setLacking] = useState(false)
  const [problem, setProblem] = useState<ApiProblem | null>(null)
  const propose = api.useMutation('post', '/api/collecting/boundaries', {
    onSuccess: () => {
      say(t('boundary.done.proposed'))
      close()
    },
    onError: (error) => setProblem(asProblem(error)),
    onSettled: again,
  })
  const put = (source: string, rule: Rule | undefined) =>
    setRules((now) => {
      const next = new Map(now)
      if (rule) next.set(source, rule)
      else next.delete(source)
      return next
    })
  return (
    <Drawer
      open
      title={t('form.title')}
      size={narrow ? '100%' : 680}
      onClose={close}
      footer={
        <div className={styles.head}>
          <div className={styles.actions}>
            <Button onClick={close}>{t('form.cancel')}</Button>
            <Button
              type="primary"
              loading={propose.isPending}
              onClick={() => {
                setLacking(!reason.trim())
                if (reason.trim()) propose.mutate({ body: { rules: [...rules.values()], reason } })
                else document.getElementById('reason')?.focus() // far below what was just looked at
              }}
            >
              {t('form.submit')}
            </Button>
          </div>
        </div>
      }
    >
      <Form layout="vertical" requiredMark={false}>
        <Form.Item label={t('form.preset')}>
          <div className={styles.presets}>
            {collecting.presets.map((preset) => (
              <div key={preset.key} className={styles.presets}>
                <div>
                  <Button onClick={() => setRules(new Map(preset.rules.map((rule) => [rule.source, rule])))}>
                    {named(preset)}
                  </Button>
                </div>
                <span className={styles.faint}>{named({ zh: preset.why_zh, en: preset.why_en })}</span>
              </div>
            ))}
          </div>
        </Form.Item>
        {collecting.sources.map((source) => (
          <OfSource
            key={source.key}
            source={source}
            rule={rules.get(source.key)}
            collecting={collecting}
            onChange={(rule) => put(source.key, rule)}
          />
        ))}
        <Form.Item
          label={t('form.reason')}
          htmlFor="reason"
          validateStatus={lacking ? 'error' : undefined}
          help={lacking ? t('form.reasonNeeded') : undefined}
        >
          <Input.TextArea
            id="reason"
            rows={3}
            maxLength={1000}
            value={reason}
            onChange={({ target }) => setReason(target.value)}
          />
        </Form.Item>
        {problem && <Alert type="error" title={named(problem)} role="alert" />}
      </Form>
    </Drawer>
  )
}

function OfSource({
  source,
  rule,
  collecting,
  onChange,
}: {
  source: Source
  rule: Rule | undefined
  collecting: Collecting
  onChange: (rule: Rule | undefined) => void
}) {
  const t = useGovernanceTexts()
  const named = useNamed()
  const options = (list: readonly { key: string; zh: string; en: string }[]) =>
    list.map((each) => ({ value: each.key, label: named(each) }))
  const treat = (field: string, how: Treatment | 'none') => {
    if (!rule) return
    const fields = { ...rule.fields }
    if (how === 'none') delete fields[field]
    else fields[field] = how
    onChange({ ...rule, fields })
  }
  return (
    <fieldset className={styles.source} aria-label={named(source)}>
      <Checkbox
        checked={rule !== undefined}
        onChange={({ target }) =>
          onChange(
            target.checked
              ? { source: source.key, purpose: 'intent', basis: 'consent', days: 180, fields: {}, kinds: [] }
              : undefined,
          )
        }
      >
        <strong>{named(source)}</strong>
      </Checkbox>
      {rule && (
        <>
          <div className={styles.terms}>
            <Select
              aria-label={`${named(source)} ${t('boundary.purpose')}`}
              value={rule.purpose}
              options={options(collecting.purposes)}
              popupMatchSelectWidth={false}
              onChange={(purpose) => onChange({ ...rule, purpose })}
            />
            <Select
              aria-label={`${named(source)} ${t('boundary.basis')}`}
              value={rule.basis}
              options={options(collecting.bases)}
              popupMatchSelectWidth={false}
              onChange={(basis) => onChange({ ...rule, basis })}
            />
            <InputNumber<number>
              aria-label={`${named(source)} ${t('boundary.days')}`}
              min={1}
              max={LONGEST_DAYS}
              precision={0}
              suffix={t('form.daysUnit')}
              value={rule.days}
              onChange={(days) => days && onChange({ ...rule, days })}
            />
            <Select
              mode="tags"
              aria-label={`${named(source)} ${t('form.kinds')}`}
              placeholder={t('form.kinds')}
              value={rule.kinds}
              open={false}
              suffixIcon={null}
              style={{ minWidth: 260 }}
              onChange={(kinds) => onChange({ ...rule, kinds })}
            />
          </div>
          {source.fields.map((field) => (
            <div key={field.key} className={styles.field}>
              <span>{named(field)}</span>
              <Segmented<Treatment | 'none'>
                size="small"
                aria-label={named(field)}
                value={rule.fields[field.key] ?? 'none'}
                options={(['none', 'mask', 'keep'] as const)
                  .filter((how) => how !== 'mask' || field.maskable)
                  .map((how) => ({ value: how, label: t(`form.${how}`) }))}
                onChange={(how) => treat(field.key, how)}
              />
            </div>
          ))}
        </>
      )}
    </fieldset>
  )
}
