import { InfoCircleOutlined } from '@ant-design/icons'
import { Link } from 'react-router'
import { api, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { Loaded } from '@/shared/states'
import { useTitle } from '@/shared/title'
import { useNarrow } from '@/shared/useNarrow'
import styles from '../admin.module.css'
import { useAdminTexts } from '../texts'
import { useJoined, useRoleName } from '../words'
import own from './Roles.module.css'

type Role = Schemas['RoleOut']
const SCOPES = ['none', 'own', 'team', 'line', 'all'] as const

export default function RolesPage() {
  const t = useAdminTexts()
  const narrow = useNarrow()
  const query = api.useQuery('get', '/api/roles', {})
  useTitle(t('section.roles'))
  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <h1>{t('section.roles')}</h1>
      </div>
      <p className={own.fixed}>
        <InfoCircleOutlined aria-hidden />
        <span>
          {t('roles.fixed')} {t('roles.separate')}
        </span>
      </p>
      <Loaded query={query}>
        {(told) => (
          <>
            {narrow ? <Cards told={told} /> : <Matrix told={told} />}
            <Legend told={told} />
          </>
        )}
      </Loaded>
    </div>
  )
}

function Matrix({ told: { roles, actions } }: { told: Schemas['RolesOut'] }) {
  const t = useAdminTexts()
  const named = useNamed()
  const roleName = useRoleName()
  return (
    <div className={`${styles.table} ${own.scroll}`}>
      <table className={own.matrix}>
        <thead>
          <tr>
            <th scope="col">{t('roles.role')}</th>
            {actions.map((action) => (
              <th key={action.key} scope="col">
                {named(action)}
              </th>
            ))}
            <th scope="col">{t('roles.holders')}</th>
          </tr>
        </thead>
        <tbody>
          {roles.map((role) => (
            <tr key={role.key}>
              <th scope="row">{roleName(role.key)}</th>
              {actions.map(({ key }) => (
                <td key={key}>
                  <Scope scope={role.scopes[key]} />
                </td>
              ))}
              <td className={own.holders}>
                <Holders role={role} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** On a phone: each role with what it may do; what it may not is left out. */
function Cards({ told: { roles, actions } }: { told: Schemas['RolesOut'] }) {
  const named = useNamed()
  const roleName = useRoleName()
  return (
    <>
      {roles.map((role) => (
        <section key={role.key} className={styles.card} aria-label={roleName(role.key)}>
          <h2 className={own.name}>{roleName(role.key)}</h2>
          <dl className={own.may}>
            {actions
              .filter(({ key }) => role.scopes[key] !== 'none')
              .map((action) => (
                <div key={action.key}>
                  <dt>{named(action)}</dt>
                  <dd>
                    <Scope scope={role.scopes[action.key]} />
                  </dd>
                </div>
              ))}
          </dl>
          <div className={own.holders}>
            <Holders role={role} />
          </div>
        </section>
      ))}
    </>
  )
}

function Scope({ scope = 'none' }: { scope?: string }) {
  const t = useAdminTexts()
  const known = SCOPES.find((one) => one === scope) ?? 'none'
  const steps = SCOPES.indexOf(known)
  return (
    <span className={steps ? own.scope : own.no}>
      {steps > 0 && (
        <span className={own.bars} aria-hidden>
          {[1, 2, 3, 4].map((step) => (
            <i key={step} data-on={step <= steps} />
          ))}
        </span>
      )}
      {t(`roles.scope.${known}`)}
    </span>
  )
}

function Holders({ role }: { role: Role }) {
  const t = useAdminTexts()
  const format = useFormat()
  const joined = useJoined()
  if (!role.holders) return <span className={styles.faint}>{t('roles.nobody')}</span>
  const shown = role.first.slice(0, 3).map(({ name }) => name)
  return (
    <Link to={`/admin/people?role=${role.key}`}>
      {joined(shown)}
      {role.holders > shown.length && ` ${t('roles.andMore', { number: format.number(role.holders) })}`}
    </Link>
  )
}

function Legend({ told: { scopes } }: { told: Schemas['RolesOut'] }) {
  const t = useAdminTexts()
  const named = useNamed()
  return (
    <section className={styles.card} aria-label={t('roles.legend')}>
      <dl className={own.legend}>
        {scopes
          .filter(({ key }) => key !== 'none')
          .map((scope) => (
            <div key={scope.key}>
              <dt>
                <Scope scope={scope.key} />
              </dt>
              <dd>{named(scope)}</dd>
            </div>
          ))}
      </dl>
    </section>
  )
}
