import { useQueryClient } from '@tanstack/react-query'
import { App, Button, InputNumber, Modal, Segmented, Select, Skeleton, Switch } from 'antd'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { type All, asAll, finished, type Node } from '@/features/records/condition'
import { useFields } from '@/features/records/fields'
import { useNames } from '@/features/records/names'
import { api, asProblem, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { useSharedTexts } from '@/shared/texts'
import { KINDS, type Kind, OVERVIEW, RULES, type Rule, rulePath } from './data'
import styles from './Pool.module.css'
import { usePoolTexts } from './texts'

const FilterBuilder = lazy(() => import('@/features/records/FilterBuilder'))

type Draft = Required<Omit<Schemas['PoolRuleIn'], 'where'>> & { where: All }

const FRESH: Draft = {
  active: false,
  days: 30,
  by_level: {},
  where: { all: [] },
  contract_field: '',
  warn_days: 7,
  daily_quota: 10,
  hold_limit: null,
  cool_down_days: 7,
}

const draftOf = (rule: Rule | undefined): Draft =>
  rule
    ? {
        active: rule.active,
        days: rule.days,
        by_level: rule.by_level,
        where: asAll(rule.where as unknown as Node | null),
        contract_field: rule.contract_field,
        warn_days: rule.warn_days,
        daily_quota: rule.daily_quota ?? null,
        hold_limit: rule.hold_limit ?? null,
        cool_down_days: rule.cool_down_days,
      }
    : FRESH

/** One rule: what goes back and when, who may claim how many, and what it would do tonight. */
export function RuleDialog({
  rule,
  rules,
  onClose,
}: {
  rule: Rule | undefined
  rules: readonly Rule[]
  onClose: () => void
}) {
  const t = usePoolTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const { message } = App.useApp()
  const queries = useQueryClient()
  const names = useNames()
  const [kind, setKind] = useState<Kind>(rule?.kind ?? 'account')
  const [chosenLine, setLine] = useState<number | undefined>(rule?.line.id)
  const [draft, setDraft] = useState(() => draftOf(rule))
  const { fields } = useFields(kind)
  // A line has one rule of a kind: only those without one are offered.
  const lines = names
    .optionsOf('line')
    .filter(({ value }) => !rules.some((each) => each.kind === kind && each.line.id === value))
  const line = rule || lines.some(({ value }) => value === chosenLine) ? chosenLine : undefined
  const save = api.useMutation('put', rulePath(kind), {
    onSuccess: () => {
      message.success(t('rules.saved'))
      for (const queryKey of [RULES, OVERVIEW]) void queries.invalidateQueries({ queryKey })
      onClose()
    },
  })
  const dryRun = api.useMutation(
    'post',
    `/api/pool/${kind}-rules/{line}/dry-run` as '/api/pool/account-rules/{line}/dry-run',
  )
  const change = (part: Partial<Draft>) => {
    setDraft((now) => ({ ...now, ...part }))
    dryRun.reset()
  }
  const sent = () => {
    const where = finished(draft.where, (key) => fields.get(key)?.kind)
    return {
      params: { path: { line: line ?? 0 } },
      body: {
        ...draft,
        by_level: kind === 'account' ? draft.by_level : {},
        contract_field: kind === 'account' ? draft.contract_field : '',
        where: where.all.length ? (where as unknown as Record<string, never>) : null,
      },
    }
  }
  const failed = save.error ?? dryRun.error
  const days = { suffix: t('form.daysUnit'), least: 0 }
  const records = { suffix: t('form.countUnit'), least: 1, placeholder: t('form.unlimited') }
  const levels = kind === 'account' ? (fields.get('level')?.choices ?? []) : []
  const dates = [...fields.values()].filter((field) => field.kind === 'date' && field.changeable)
  return (
    <Modal
      open
      width={680}
      title={
        rule
          ? t('form.edit', { name: t('rules.name', { line: rule.line.name, kind: t(`kind.${kind}`) }) })
          : t('form.new')
      }
      footer={null}
      onCancel={onClose}
      destroyOnHidden
    >
      <div className={styles.form}>
        {!rule && (
          <div className={styles.fields}>
            <Labelled label={t('form.kind')}>
              <Segmented<Kind>
                aria-label={t('form.kind')}
                value={kind}
                options={KINDS.map((value) => ({ value, label: t(`kind.${value}`) }))}
                onChange={(to) => {
                  setKind(to)
                  change({ where: { all: [] } })
                }}
              />
            </Labelled>
            <Labelled label={t('form.line')}>
              <Select
                aria-label={t('form.line')}
                placeholder={t('form.lineNeeded')}
                value={line}
                options={lines}
                onChange={(to) => {
                  setLine(to)
                  dryRun.reset()
                }}
              />
            </Labelled>
          </div>
        )}
        <h3>{t('form.recycling')}</h3>
        <span className={styles.switch}>
          <Switch
            aria-label={t('form.active')}
            checked={draft.active}
            onChange={(active) => change({ active })}
          />
          {t('form.active')}
          <span className={styles.faint}>{t('form.activeAbout')}</span>
        </span>
        <div className={styles.fields}>
          <NumberField
            {...days}
            least={1}
            label={t('form.days')}
            value={draft.days}
            set={(to) => to !== null && change({ days: to })}
          />
          <NumberField
            {...days}
            label={t('form.warn')}
            value={draft.warn_days}
            set={(to) => to !== null && change({ warn_days: to })}
          />
        </div>
        {levels.length > 0 && (
          <div className={styles.field}>
            <span>{t('form.levels')}</span>
            <div className={styles.levels}>
              {levels.map((level) => (
                <InputNumber
                  key={level.key}
                  aria-label={named(level)}
                  prefix={<span className={styles.faint}>{named(level)}</span>}
                  min={0}
                  max={3650}
                  precision={0}
                  placeholder={String(draft.days)}
                  value={draft.by_level[level.key] ?? null}
                  onChange={(to) => {
                    const { [level.key]: _, ...others } = draft.by_level
                    change({ by_level: to === null ? others : { ...others, [level.key]: to } })
                  }}
                />
              ))}
            </div>
          </div>
        )}
        {kind === 'account' && (
          <Labelled label={t('form.contract')} about={t('form.contractAbout')}>
            <Select
              aria-label={t('form.contract')}
              value={draft.contract_field}
              options={[
                { value: '', label: t('form.nothing') },
                ...dates.map((field) => ({ value: field.key, label: named(field) })),
              ]}
              onChange={(contract_field) => change({ contract_field })}
            />
          </Labelled>
        )}
        <div className={styles.field}>
          <span>{t('form.where')}</span>
          <Suspense fallback={<Skeleton active paragraph={{ rows: 1 }} />}>
            <FilterBuilder
              key={kind}
              root={draft.where}
              change={(where) => change({ where })}
              fields={fields}
              names={names}
              none={t('form.everything')}
            />
          </Suspense>
        </div>
        <h3>{t('form.claiming')}</h3>
        <div className={styles.fields}>
          <NumberField
            {...records}
            label={t('form.quota')}
            value={draft.daily_quota}
            set={(daily_quota) => change({ daily_quota })}
          />
          <NumberField
            {...records}
            label={t('form.limit')}
            value={draft.hold_limit}
            set={(hold_limit) => change({ hold_limit })}
          />
          <NumberField
            {...days}
            label={t('form.cool')}
            value={draft.cool_down_days}
            set={(to) => to !== null && change({ cool_down_days: to })}
          />
        </div>
        {dryRun.data && <Result found={dryRun.data} />}
        {failed && (
          <p role="alert" className={styles.wrong}>
            {named(asProblem(failed))}
          </p>
        )}
        <div className={styles.buttons}>
          <Button
            disabled={line === undefined}
            loading={dryRun.isPending}
            title={t('form.dryRunAbout')}
            onClick={() => dryRun.mutate(sent())}
          >
            {t('form.dryRun')}
          </Button>
          <Button onClick={onClose}>{shared('cancel')}</Button>
          <Button
            type="primary"
            disabled={line === undefined}
            loading={save.isPending}
            onClick={() => save.mutate(sent())}
          >
            {shared('save')}
          </Button>
        </div>
      </div>
    </Modal>
  )
}

function Result({ found: { total, items } }: { found: Schemas['PoolDryRunOut'] }) {
  const t = usePoolTexts()
  const format = useFormat()
  return (
    <div className={styles.result} role="status">
      <strong>{total ? t('form.result', { count: total }) : t('form.resultNone')}</strong>
      {items.length < total && (
        <span className={styles.faint}> {t('form.first', { count: items.length })}</span>
      )}
      {items.length > 0 && (
        <ul>
          {items.map((item) => (
            <li key={item.id}>
              <span>{item.title}</span>
              <span className={styles.faint}>
                {t('form.untouched', { owner: item.owner, when: format.day(item.last_touch_at) })}
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

function Labelled({ label, about, children }: { label: string; about?: string; children: ReactNode }) {
  return (
    <div className={styles.field}>
      <span>{label}</span>
      {children}
      {about && <span className={styles.faint}>{about}</span>}
    </div>
  )
}

function NumberField({
  label,
  value,
  set,
  suffix,
  least,
  placeholder,
}: {
  label: string
  value: number | null
  set: (value: number | null) => void
  suffix: string
  least: number
  placeholder?: string
}) {
  return (
    <Labelled label={label}>
      <InputNumber
        aria-label={label}
        min={least}
        max={3650}
        precision={0}
        suffix={suffix}
        placeholder={placeholder}
        value={value}
        onChange={set}
      />
    </Labelled>
  )
}
