import { Select, Table } from 'antd'
import { client } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { useSharedTexts } from '@/shared/texts'
import styles from '../admin.module.css'
import { useAddress } from '../useAddress'
import { ROLES, useRoleName } from '../words'
import { type Shape, useSend } from './data'
import own from './Shaping.module.css'
import { useShapingTexts } from './texts'

type Ruled = Shape['ruled'][number]
type Level = Shape['rules'][number]['level']

/** What a role may do with each field of a kind of record. */
export function FieldRules({ shape }: { shape: Shape }) {
  const t = useShapingTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const roleName = useRoleName()
  const send = useSend()
  const { search, change } = useAddress()
  const role = ROLES.find((one) => one === search.get('role')) ?? 'rep'
  const limits = (of: string) => shape.rules.filter((rule) => rule.role === of).length
  const levelOf = (field: string) =>
    shape.rules.find((rule) => rule.role === role && rule.field === field)?.level ?? 'full'
  // What nobody changes is seen or not: to read it is all there is.
  const levels = ({ changeable }: Ruled) => [
    { value: 'full', label: t(changeable ? 'rules.levels.full' : 'rules.seen') },
    ...(changeable ? [{ value: 'read', label: t('rules.levels.read') }] : []),
    ...(shape.own_able ? [{ value: 'own', label: t('rules.levels.own') }] : []),
    { value: 'hidden', label: t('rules.levels.hidden') },
  ]
  const set = (field: string, level: string) =>
    void send(
      () =>
        client.PUT('/api/shape/field-rules', {
          body: { record_type: shape.key, field, role, level: level === 'full' ? null : (level as Level) },
        }),
      shared('saved'),
    )
  return (
    <div className={styles.page}>
      <p className={styles.intro}>{t('rules.about')}</p>
      <div className={styles.filters}>
        <label htmlFor="rules-role">{t('rules.role')}</label>
        <Select
          id="rules-role"
          className={own.role}
          value={role}
          options={ROLES.map((value) => ({ value, label: roleName(value), count: limits(value) }))}
          optionRender={({ data }) => (
            <span className={styles.option}>
              {data.label}
              {data.count > 0 && <span>{t('rules.limits', { count: data.count })}</span>}
            </span>
          )}
          onChange={(chosen) => change({ role: chosen })}
        />
        {limits(role) > 0 && (
          <span className={styles.faint}>{t('rules.limits', { count: limits(role) })}</span>
        )}
      </div>
      <div className={styles.table}>
        <Table<Ruled>
          size="small"
          rowKey="key"
          pagination={false}
          dataSource={shape.ruled}
          columns={[
            {
              key: 'field',
              title: t('rules.field'),
              render: (_, field) => (
                <>
                  {named(field)}
                  {field.custom && <span className={own.second}>{t('rules.own')}</span>}
                </>
              ),
            },
            {
              key: 'level',
              title: t('rules.level'),
              width: '50%',
              render: (_, field) => (
                <Select
                  size="small"
                  className={own.level}
                  aria-label={`${named(field)} · ${t('rules.level')}`}
                  status={levelOf(field.key) === 'full' ? '' : 'warning'}
                  value={levelOf(field.key)}
                  options={levels(field)}
                  onChange={(level) => set(field.key, level)}
                />
              ),
            },
          ]}
        />
      </div>
    </div>
  )
}
