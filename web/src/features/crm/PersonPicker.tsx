import { Button, Select } from 'antd'
import { useState } from 'react'
import { api, type Schemas } from '@/shared/api'
import styles from './Panel.module.css'
import type { Deal } from './stages'
import { useDealTexts } from './texts'

type Role = Schemas['DealContactOut']['role']

/** Those of the customer who can be named for a deal: who still works there, by name. */
export function useContacts(deal: Deal, enabled: boolean) {
  return api.useQuery(
    'get',
    '/api/contacts',
    { params: { query: { account: deal.account.id, limit: 200 } } },
    {
      enabled,
      select: ({ items }) =>
        items
          .filter((contact) => !contact.left_at)
          .map(({ id, name, title }) => ({ value: id, label: title ? `${name} · ${title}` : name })),
    },
  )
}

/** Choose one of the customer's people, and what they are to the deal. */
export default function PersonPicker({
  deal,
  roles,
  onPick,
}: {
  deal: Deal
  roles: Role[]
  onPick: (contact: number, role: Role) => void
}) {
  const t = useDealTexts()
  const [role, setRole] = useState<Role>(roles[0] ?? 'user')
  const [contact, setContact] = useState<number>()
  const contacts = useContacts(deal, true)
  return (
    <div className={styles.form}>
      <Select
        showSearch={{ optionFilterProp: 'label' }}
        aria-label={t('people.who')}
        placeholder={t('people.who')}
        loading={contacts.isLoading}
        notFoundContent={t('people.noContacts')}
        options={contacts.data}
        value={contact}
        onChange={setContact}
      />
      {roles.length > 1 && (
        <Select
          aria-label={t('people.role')}
          value={role}
          onChange={setRole}
          options={roles.map((value) => ({ value, label: t(`role.${value}`) }))}
        />
      )}
      <Button
        type="primary"
        disabled={contact === undefined}
        onClick={() => contact !== undefined && onPick(contact, role)}
      >
        {t('people.save')}
      </Button>
    </div>
  )
}
