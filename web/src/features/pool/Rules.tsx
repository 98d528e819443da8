import { useQueryClient } from '@tanstack/react-query'
import { App, Button } from 'antd'
import { Fragment, type ReactNode, useState } from 'react'
import { Chip } from '@/features/crm/Chip'
import { asAll, type Node } from '@/features/records/condition'
import { useFields } from '@/features/records/fields'
import { useNames } from '@/features/records/names'
import { Told } from '@/features/records/Told'
import { api, asProblem } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { useLive } from '@/shared/live'
import { Empty, Loaded } from '@/shared/states'
import { useSharedTexts } from '@/shared/texts'
import { RULES, type Rule, rulePath } from './data'
import styles from './Pool.module.css'
import { RuleDialog } from './RuleDialog'
import { usePoolTexts } from './texts'

/** By which rules records come back, and who may claim how many. */
export function Rules() {
  const t = usePoolTexts()
  const query = api.useQuery('get', '/api/pool/rules')
  useLive([['pool', 0]], [RULES], 1_000)
  const [editing, setEditing] = useState<Rule | 'new' | null>(null)
  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <p className={styles.intro}>{t('rules.intro')}</p>
        <Button type="primary" onClick={() => setEditing('new')}>
          {t('rules.new')}
        </Button>
      </div>
      <Loaded query={query}>
        {(rules) =>
          rules.length === 0 ? (
            <Empty why={t('rules.none')} />
          ) : (
            <div className={styles.rules}>
              {rules.map((rule) => (
                <RuleCard key={`${rule.kind}-${rule.line.id}`} rule={rule} edit={() => setEditing(rule)} />
              ))}
            </div>
          )
        }
      </Loaded>
      {editing && (
        <RuleDialog
          rule={editing === 'new' ? undefined : editing}
          rules={query.data ?? []}
          onClose={() => setEditing(null)}
        />
      )}
    </div>
  )
}

function RuleCard({ rule, edit }: { rule: Rule; edit: () => void }) {
  const t = usePoolTexts()
  const format = useFormat()
  const shared = useSharedTexts()
  const named = useNamed()
  const { message, modal } = App.useApp()
  const queries = useQueryClient()
  const name = t('rules.name', { line: rule.line.name, kind: t(`kind.${rule.kind}`) })
  const remove = api.useMutation('delete', rulePath(rule.kind), {
    onSuccess: () => void message.success(t('rules.deleted')),
    onError: (error) => void message.error(named(asProblem(error))),
    onSettled: () => queries.invalidateQueries({ queryKey: RULES }),
  })
  return (
    <article className={styles.rule} aria-label={name}>
      <div className={styles.ruleHead}>
        <h2>{name}</h2>
        <Chip kind={rule.active ? 'ok' : 'plain'}>{t(rule.active ? 'rules.active' : 'rules.inactive')}</Chip>
        <span>
          <Button size="small" type="text" onClick={edit}>
            {t('rules.edit')}
          </Button>
          <Button
            size="small"
            type="text"
            danger
            onClick={() =>
              void modal.confirm({
                title: t('rules.deleteAsk', { name }),
                content: t('rules.deleteAbout'),
                okText: t('rules.delete'),
                okButtonProps: { danger: true },
                cancelText: shared('cancel'),
                onOk: () => remove.mutateAsync({ params: { path: { line: rule.line.id } } }).catch(() => {}),
              })
            }
          >
            {t('rules.delete')}
          </Button>
        </span>
      </div>
      <Says rule={rule} />
      <span className={styles.faint}>
        {t('rules.changed', {
          who: rule.changed_by || t('moves.foresail'),
          when: format.moment(rule.changed_at),
        })}
      </span>
    </article>
  )
}

/** A rule in words. */
function Says({ rule }: { rule: Rule }) {
  const t = usePoolTexts()
  const named = useNamed()
  const { fields } = useFields(rule.kind)
  const names = useNames()
  const levels = (fields.get('level')?.choices ?? []).flatMap((choice) => {
    const days = rule.by_level[choice.key]
    if (days === undefined) return []
    return [t(days ? 'rules.levelDays' : 'rules.levelNever', { level: named(choice), days })]
  })
  const contract = fields.get(rule.contract_field)
  const comma = named({ zh: '，', en: ', ' })
  const lines: ReactNode[] = [
    [t('rules.days', { days: rule.days }), ...levels].join(comma),
    t('rules.warn', { days: rule.warn_days }),
    contract && t('rules.contract', { field: named(contract) }),
    rule.where && (
      <>
        {t('rules.only')}
        {asAll(rule.where as unknown as Node).all.map((node, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: conditions have no names
          <Fragment key={place}>
            {place > 0 && comma}
            <Told node={node} fields={fields} names={names} />
          </Fragment>
        ))}
      </>
    ),
    rule.daily_quota !== null && t('rules.quota', { count: rule.daily_quota }),
    rule.hold_limit !== null && t('rules.limit', { count: rule.hold_limit }),
    rule.cool_down_days ? t('rules.cool', { days: rule.cool_down_days }) : null,
  ]
  return (
    <ul className={styles.says}>
      {lines.filter(Boolean).map((line, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: in the order in which a rule is told
        <li key={place}>{line}</li>
      ))}
    </ul>
  )
}
