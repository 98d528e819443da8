import { Table } from 'antd'
import { useFormat } from '@/shared/format'
import { useMe } from '@/shared/me'
import styles from '../admin.module.css'
import { useAdminTexts } from '../texts'
import { type Role, useJoined, useRoleName } from '../words'
import type { Person } from './data'
import own from './People.module.css'

interface Props {
  people: Person[]
  stale: boolean
  open: (person: number) => void
}

export function PeopleTable({ people, stale, open }: Props) {
  const t = useAdminTexts()
  const joined = useJoined()
  const { data: me } = useMe()
  return (
    <div className={`${styles.table} ${stale ? styles.stale : ''}`}>
      <Table<Person>
        size="small"
        rowKey="id"
        pagination={false}
        dataSource={people}
        scroll={{ x: 760 }}
        rowClassName={({ active }) => `${own.row} ${active ? '' : own.gone}`}
        onRow={({ id }) => ({ onClick: () => open(id) })}
        columns={[
          {
            key: 'who',
            title: t('people.name'),
            width: '34%',
            render: (_, person) => (
              <span className={own.who}>
                <button type="button" onClick={() => open(person.id)}>
                  {person.name}
                </button>
                <span>{person.email}</span>
              </span>
            ),
          },
          {
            key: 'team',
            title: t('people.team'),
            width: '30%',
            render: (_, { team, line, manages }) => (
              <>
                {team ? team.name : <span className={own.gone}>{t('people.teamless')}</span>}
                {(line || manages.length > 0) && (
                  <span className={own.below}>
                    {manages.length
                      ? t('people.manages', { teams: joined(manages.map(({ name }) => name)) })
                      : line?.name}
                  </span>
                )}
              </>
            ),
          },
          {
            key: 'roles',
            title: t('people.role'),
            render: (_, { roles }) => <Roles roles={roles} />,
          },
          {
            key: 'seen',
            title: t('people.seen'),
            width: 150,
            render: (_, person) => <Seen person={person} mine={person.id === me?.id} />,
          },
        ]}
      />
    </div>
  )
}

/** The list on a phone. */
export function PeopleList({ people, stale, open }: Props) {
  const { data: me } = useMe()
  return (
    <ul className={`${own.rows} ${stale ? styles.stale : ''}`}>
      {people.map((person) => (
        <li key={person.id}>
          <button type="button" onClick={() => open(person.id)}>
            <span className={own.line}>
              <strong>{person.name}</strong>
              <Roles roles={person.roles} />
            </span>
            <span className={own.line}>
              <span className={own.second}>{person.team?.name ?? person.email}</span>
              <span className={own.second}>
                <Seen person={person} mine={person.id === me?.id} />
              </span>
            </span>
          </button>
        </li>
      ))}
    </ul>
  )
}

export function Roles({ roles }: { roles: readonly Role[] }) {
  const t = useAdminTexts()
  const roleName = useRoleName()
  return (
    <span className={own.roles}>
      {roles.length === 0 && <span className={own.gone}>{t('people.noRole')}</span>}
      {roles.map((role) => (
        <span key={role} className={styles.chip}>
          {roleName(role)}
        </span>
      ))}
    </span>
  )
}

function Seen({ person, mine }: { person: Person; mine: boolean }) {
  const t = useAdminTexts()
  const format = useFormat()
  if (!person.active)
    return <span className={styles.chip}>{t('people.left', { day: format.day(person.left_at) })}</span>
  if (mine) return <>{t('person.own')}</>
  if (person.link_ends_at)
    return <span className={`${styles.chip} ${styles.warn}`}>{t('people.invited')}</span>
  return <>{person.last_seen_at ? format.moment(person.last_seen_at) : t('people.never')}</>
}
