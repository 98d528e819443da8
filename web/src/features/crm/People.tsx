import { PlusOutlined } from '@ant-design/icons'
import { useQueryClient } from '@tanstack/react-query'
import { App, Button, Dropdown, Popover, Skeleton, Tooltip } from 'antd'
import { lazy, Suspense, useState } from 'react'
import { api, asProblem, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { Loaded } from '@/shared/states'
import { Chip } from './Chip'
import styles from './Panel.module.css'
import type { Deal } from './stages'
import { useDealTexts } from './texts'

const PersonPicker = lazy(() => import('./PersonPicker'))

type Role = Schemas['DealContactOut']['role']
type Person = Schemas['DealContactOut']

const ROLES: Role[] = ['economic_buyer', 'champion', 'technical', 'user', 'blocker']

/** Who decides at the customer, and which part nobody has yet. */
export function People({ deal }: { deal: Deal }) {
  const t = useDealTexts()
  const named = useNamed()
  const { message } = App.useApp()
  const queries = useQueryClient()
  const options = { params: { path: { deal: deal.id } } }
  const { queryKey } = api.queryOptions('get', '/api/deals/{deal}/people', options)
  const query = api.useQuery('get', '/api/deals/{deal}/people', options)
  const set = api.useMutation('put', '/api/deals/{deal}/people/{contact}', {
    onSuccess: (people) => queries.setQueryData(queryKey, people),
    onError: (error) => message.error(named(asProblem(error))),
  })
  const editable = deal.status === 'open' && deal.may_change
  const give = (contact: number, role: Role | null) =>
    set.mutate({ params: { path: { deal: deal.id, contact } }, body: { role } })
  return (
    <section className={styles.card} aria-labelledby="people">
      <header className={styles.head}>
        <h2 id="people">{t('people.title')}</h2>
        {editable && <AddPerson deal={deal} roles={ROLES} label={t('people.add')} onPick={give} />}
      </header>
      <Loaded query={query}>
        {({ contacts, missing }) => (
          <ul className={styles.list}>
            {contacts.toSorted(byRole).map((person) => (
              <PersonRow
                key={person.contact.id}
                person={person}
                editable={editable}
                onRole={(role) => give(person.contact.id, role)}
              />
            ))}
            {missing.map((role) => (
              <li key={role} className={styles.person}>
                <span className={styles.gapName}>
                  {t('people.gap', { role: t(`role.${role as Role}`) })}
                  <small>{t(`roleWhy.${role as 'champion'}`)}</small>
                </span>
                <Chip kind="warn">{t('people.untouched')}</Chip>
                {editable && (
                  <AddPerson
                    deal={deal}
                    roles={[role as Role]}
                    label={t('people.fill', { role: t(`role.${role as Role}`) })}
                    onPick={give}
                  />
                )}
              </li>
            ))}
            {contacts.length + missing.length === 0 && <li className={styles.none}>{t('people.none')}</li>}
          </ul>
        )}
      </Loaded>
    </section>
  )
}

const byRole = (a: Person, b: Person) =>
  Number(a.contact.left_at !== null) - Number(b.contact.left_at !== null) ||
  ROLES.indexOf(a.role) - ROLES.indexOf(b.role)

function PersonRow({
  person: { contact, role },
  editable,
  onRole,
}: {
  person: Person
  editable: boolean
  onRole: (role: Role | null) => void
}) {
  const t = useDealTexts()
  const f = useFormat()
  const left = contact.left_at !== null
  const tag = <Chip kind={role === 'blocker' ? 'bad' : 'plain'}>{t(`role.${role}`)}</Chip>
  return (
    <li className={styles.person}>
      <Tooltip title={[contact.phone, contact.email].filter(Boolean).join(' · ') || undefined}>
        <span className={styles.personName}>
          <span className={left ? styles.struck : undefined}>{contact.name}</span>
          <small>{left ? t('people.left', { day: f.day(contact.left_at) }) : contact.title}</small>
        </span>
      </Tooltip>
      {editable ? (
        <Dropdown
          trigger={['click']}
          menu={{
            selectedKeys: [role],
            items: [
              ...ROLES.map((key) => ({ key, label: t(`role.${key}`) })),
              { type: 'divider' as const },
              { key: 'none', label: t('people.remove'), danger: true },
            ],
            onClick: ({ key }) => onRole(key === 'none' ? null : (key as Role)),
          }}
        >
          <button
            type="button"
            className={styles.plain}
            aria-label={t('people.change', { name: contact.name, role: t(`role.${role}`) })}
          >
            {tag}
          </button>
        </Dropdown>
      ) : (
        tag
      )}
    </li>
  )
}

function AddPerson({
  deal,
  roles,
  label,
  onPick,
}: {
  deal: Deal
  roles: Role[]
  label: string
  onPick: (contact: number, role: Role) => void
}) {
  const [open, setOpen] = useState(false)
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      trigger="click"
      placement="bottomRight"
      destroyOnHidden
      content={
        <Suspense fallback={<Skeleton active paragraph={{ rows: 2 }} className={styles.form} />}>
          <PersonPicker
            deal={deal}
            roles={roles}
            onPick={(contact, role) => {
              onPick(contact, role)
              setOpen(false)
            }}
          />
        </Suspense>
      }
    >
      <Button type="text" size="small" icon={<PlusOutlined />} aria-label={label} title={label} />
    </Popover>
  )
}
