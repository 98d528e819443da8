import { App, Button } from 'antd'
import { Link } from 'react-router'
import { api, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { Loaded } from '@/shared/states'
import { useSharedTexts } from '@/shared/texts'
import { useNarrow } from '@/shared/useNarrow'
import { PersonSelect } from '../PersonSelect'
import { useAgain, useSayWhy } from '../people/data'
import { headcount, type TeamNode } from '../teams'
import { useAdminTexts } from '../texts'
import { useJoined, useRoleName } from '../words'
import type { Asked } from './modals'
import own from './Organisation.module.css'

/** A team: who manages it, who is in it, and what can be done about it. */
export function Team({
  team,
  line,
  parent,
  ask,
  onRemoved,
}: {
  team: TeamNode
  line: Schemas['LineOut']
  parent: TeamNode | null
  ask: (asked: Asked) => void
  onRemoved: () => void
}) {
  const t = useAdminTexts()
  const shared = useSharedTexts()
  const format = useFormat()
  const narrow = useNarrow()
  const { message, modal } = App.useApp()
  const again = useAgain()
  const sayWhy = useSayWhy()
  const params = { params: { path: { team: team.id } } }
  const change = api.useMutation('patch', '/api/organisation/teams/{team}', {
    onSuccess: async () => {
      void message.success(t('organisation.saved'))
      await again()
    },
    onError: sayWhy,
  })
  const remove = api.useMutation('delete', '/api/organisation/teams/{team}', {
    onSuccess: async () => {
      onRemoved()
      void message.success(t('organisation.removed'))
      await again()
    },
    onError: sayWhy,
  })
  const all = headcount(team)
  const empty = all === 0 && team.below.length === 0
  return (
    <>
      {!narrow && <h2>{team.name}</h2>}
      <p className={own.way}>{[line.name, parent?.name].filter(Boolean).join(' · ')}</p>
      <div className={own.label}>{t('organisation.manager')}</div>
      <PersonSelect
        className={own.select}
        label={t('organisation.manager')}
        placeholder={t('organisation.noManager')}
        clearable
        value={team.manager?.id}
        onChange={(manager) => change.mutate({ ...params, body: { manager: manager ?? null } })}
      />
      <div className={own.label}>
        {t('organisation.members')} ·{' '}
        {t('organisation.membersCount', { count: all, number: format.number(all) })}
      </div>
      <Members team={team.id} />
      {all > 0 && <Link to={`/admin/people?team=${team.id}`}>{t('organisation.allMembers')}</Link>}
      <div className={own.actions}>
        <Button size="small" onClick={() => ask({ what: 'team', line, parent: team })}>
          {t('organisation.addBelow')}
        </Button>
        <Button size="small" onClick={() => ask({ what: 'team', line, parent, team })}>
          {t('organisation.move')}
        </Button>
        {empty && (
          <Button
            size="small"
            danger
            onClick={() =>
              void modal.confirm({
                title: `${t('organisation.remove')} · ${team.name}`,
                content: t('organisation.removeAsk'),
                okText: t('organisation.remove'),
                cancelText: shared('cancel'),
                icon: null,
                okButtonProps: { danger: true },
                onOk: () => remove.mutateAsync(params).catch(() => undefined),
              })
            }
          >
            {t('organisation.remove')}
          </Button>
        )}
      </div>
    </>
  )
}

function Members({ team }: { team: number }) {
  const t = useAdminTexts()
  const roleName = useRoleName()
  const joined = useJoined()
  const query = api.useQuery('get', '/api/people', {
    params: { query: { team, active: true, limit: 100 } },
  })
  return (
    <Loaded query={query}>
      {({ items }) =>
        items.length ? (
          <ul className={own.members}>
            {items.map((person) => (
              <li key={person.id}>
                <Link to={`/admin/people?person=${person.id}`}>
                  {person.name}
                  <span>
                    {person.team?.id === team ? joined(person.roles.map(roleName)) : person.team?.name}
                  </span>
                </Link>
              </li>
            ))}
          </ul>
        ) : (
          <p className={own.way}>{t('organisation.noMembers')}</p>
        )
      }
    </Loaded>
  )
}
