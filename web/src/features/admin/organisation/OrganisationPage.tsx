import { Button, Drawer } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { useFormat } from '@/shared/format'
import { Empty, Loaded } from '@/shared/states'
import { useTitle } from '@/shared/title'
import { useNarrow } from '@/shared/useNarrow'
import styles from '../admin.module.css'
import { findTeam, headcount, type Organisation, type TeamNode, useOrganisation } from '../teams'
import { useAdminTexts } from '../texts'
import { useAddress } from '../useAddress'
import { type Asked, LineModal, TeamModal } from './modals'
import own from './Organisation.module.css'
import { Team } from './Team'

export default function OrganisationPage() {
  const t = useAdminTexts()
  const [asked, ask] = useState<Asked | null>(null)
  const query = useOrganisation()
  useTitle(t('section.organisation'))
  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <h1>{t('section.organisation')}</h1>
        <Button onClick={() => ask({ what: 'line' })}>{t('organisation.addLine')}</Button>
      </div>
      <Loaded query={query}>
        {(organisation) =>
          organisation.lines.length ? (
            <Lines organisation={organisation} ask={ask} />
          ) : (
            <Empty
              why={t('organisation.empty')}
              action={
                <Button type="primary" onClick={() => ask({ what: 'line' })}>
                  {t('organisation.addLine')}
                </Button>
              }
            />
          )
        }
      </Loaded>
      {asked?.what === 'line' && <LineModal line={asked.line} onClose={() => ask(null)} />}
      {asked?.what === 'team' && query.data && (
        <TeamModal asked={asked} organisation={query.data} onClose={() => ask(null)} />
      )}
    </div>
  )
}

function Lines({ organisation, ask }: { organisation: Organisation; ask: (asked: Asked) => void }) {
  const t = useAdminTexts()
  const format = useFormat()
  const narrow = useNarrow()
  const { number, change } = useAddress()
  const chosen = number('team')
  const found = chosen === undefined ? undefined : findTeam(organisation, chosen)
  const choose = (team: number) => change({ team })
  const detail = found && (
    <Team key={found.team.id} {...found} ask={ask} onRemoved={() => change({ team: undefined })} />
  )
  return (
    <div className={own.frame}>
      <div className={own.lines}>
        {organisation.lines.map((line) => (
          <section key={line.id} className={own.line} aria-label={line.name}>
            <div className={own.head}>
              <h2>{line.name}</h2>
              <Button size="small" type="text" onClick={() => ask({ what: 'line', line })}>
                {t('organisation.rename')}
              </Button>
              <Button size="small" type="text" onClick={() => ask({ what: 'team', line })}>
                {t('organisation.addTeam')}
              </Button>
            </div>
            {line.teams.length ? (
              <Teams teams={line.teams} depth={0} chosen={chosen} choose={choose} />
            ) : (
              <p className={own.none}>{t('organisation.noTeams')}</p>
            )}
          </section>
        ))}
        {organisation.teamless > 0 && (
          <Link to="/admin/people?team=0" className={styles.faint}>
            {t('organisation.teamless', {
              count: organisation.teamless,
              number: format.number(organisation.teamless),
            })}
          </Link>
        )}
      </div>
      {narrow ? (
        <Drawer
          open={found !== undefined}
          placement="bottom"
          title={found?.team.name}
          styles={{ wrapper: { height: '80dvh' } }}
          onClose={() => change({ team: undefined })}
        >
          {detail}
        </Drawer>
      ) : (
        <aside className={own.detail}>
          {detail ?? <p className={own.none}>{t('organisation.choose')}</p>}
        </aside>
      )}
    </div>
  )
}

function Teams({
  teams,
  depth,
  chosen,
  choose,
}: {
  teams: readonly TeamNode[]
  depth: number
  chosen: number | undefined
  choose: (team: number) => void
}) {
  const t = useAdminTexts()
  const format = useFormat()
  return (
    <ul className={own.teams}>
      {teams.map((team) => (
        <li key={team.id}>
          <button
            type="button"
            className={own.team}
            style={{ paddingLeft: 14 + depth * 22 }}
            aria-current={team.id === chosen}
            onClick={() => choose(team.id)}
          >
            <span className={own.name}>{team.name}</span>
            <span className={team.manager ? own.manager : own.vacant}>
              {team.manager?.name ?? t('organisation.noManager')}
            </span>
            <span className={own.count}>{format.number(headcount(team))}</span>
          </button>
          {team.below.length > 0 && (
            <Teams teams={team.below} depth={depth + 1} chosen={chosen} choose={choose} />
          )}
        </li>
      ))}
    </ul>
  )
}
