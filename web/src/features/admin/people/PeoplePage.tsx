import { Button, Segmented, Select, TreeSelect } from 'antd'
import { useState } from 'react'
import { useFormat } from '@/shared/format'
import { Empty, ErrorBox, Waiting } from '@/shared/states'
import { useTitle } from '@/shared/title'
import { useNarrow } from '@/shared/useNarrow'
import styles from '../admin.module.css'
import { SearchBox } from '../SearchBox'
import { teamChoices, useOrganisation } from '../teams'
import { useAdminTexts } from '../texts'
import { ROLES, useRoleName } from '../words'
import { AddPerson } from './AddPerson'
import { type PeopleFilter, usePeople, usePeopleFilter } from './data'
import own from './People.module.css'
import { PeopleList, PeopleTable } from './PeopleTable'
import { PersonDrawer } from './PersonDrawer'

export default function PeoplePage() {
  const t = useAdminTexts()
  const format = useFormat()
  const narrow = useNarrow()
  const { filter, opened, change } = usePeopleFilter()
  const { query, people, total } = usePeople(filter)
  const [adding, setAdding] = useState(false)
  useTitle(t('section.people'))
  const Rows = narrow ? PeopleList : PeopleTable
  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <h1>{t('section.people')}</h1>
        {total !== undefined && (
          <span className={styles.faint} role="status">
            {t('people.total', { number: format.number(total) })}
          </span>
        )}
        <Button type="primary" className={own.add} onClick={() => setAdding(true)}>
          {t('people.add')}
        </Button>
      </div>
      <Filters filter={filter} change={change} />
      {query.error && !people ? (
        <ErrorBox error={query.error} retry={() => void query.refetch()} />
      ) : !people ? (
        <Waiting rows={8} />
      ) : people.length === 0 ? (
        <Empty
          why={t('people.found')}
          action={
            <Button onClick={() => change({ q: '', team: undefined, role: undefined, status: 'all' })}>
              {t('people.clear')}
            </Button>
          }
        />
      ) : (
        <Rows people={people} stale={query.isPlaceholderData} open={(person) => change({ person })} />
      )}
      {query.hasNextPage && (
        <Button
          className={styles.more}
          loading={query.isFetchingNextPage}
          danger={query.isFetchNextPageError}
          onClick={() => void query.fetchNextPage()}
        >
          {t(query.isFetchNextPageError ? 'moreFailed' : 'more')}
        </Button>
      )}
      <AddPerson open={adding} onClose={() => setAdding(false)} />
      <PersonDrawer key={opened} person={opened} onClose={() => change({ person: undefined })} />
    </div>
  )
}

function Filters({
  filter,
  change,
}: {
  filter: PeopleFilter
  change: (part: Partial<PeopleFilter>) => void
}) {
  const t = useAdminTexts()
  const roleName = useRoleName()
  const organisation = useOrganisation()
  const search = (q: string) => change({ q })
  return (
    <div className={styles.filters}>
      <SearchBox className={own.words} value={filter.q} onChange={search} label={t('people.search')} />
      <TreeSelect
        className={own.team}
        aria-label={t('people.team')}
        placeholder={t('people.team')}
        allowClear
        treeDefaultExpandAll
        popupMatchSelectWidth={260}
        showSearch={{ treeNodeFilterProp: 'title' }}
        value={filter.team}
        treeData={[
          { value: 0, title: t('people.teamless'), children: [] },
          ...teamChoices(organisation.data),
        ]}
        onChange={(team: number | undefined) => change({ team })}
      />
      <Select
        className={own.role}
        aria-label={t('people.role')}
        placeholder={t('people.role')}
        allowClear
        value={filter.role}
        options={ROLES.map((role) => ({ value: role, label: roleName(role) }))}
        onChange={(role?: (typeof ROLES)[number]) => change({ role })}
      />
      <Segmented
        aria-label={t('people.status')}
        value={filter.status}
        options={(['active', 'inactive', 'all'] as const).map((status) => ({
          value: status,
          label: t(`people.${status}`),
        }))}
        onChange={(status) => change({ status })}
      />
    </div>
  )
}
