import { Button, Drawer, Form } from 'antd'
import { useEffect, useState } from 'react'
import { Link } from 'react-router'
import { api, asProblem, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { useMe } from '@/shared/me'
import { Loaded } from '@/shared/states'
import { useSharedTexts } from '@/shared/texts'
import { useNarrow } from '@/shared/useNarrow'
import styles from '../admin.module.css'
import { useAdminTexts } from '../texts'
import { type Person, useAgain, useSayWhy } from './data'
import { LinkModal } from './LinkModal'
import own from './People.module.css'
import { type Fields, PersonFields } from './PersonFields'
import { Security } from './Security'
import { Work } from './Work'

/** Somebody, with all that can be done for them. */
export function PersonDrawer({ person, onClose }: { person: number | undefined; onClose: () => void }) {
  const t = useAdminTexts()
  const narrow = useNarrow()
  const { data: me } = useMe()
  const [made, setMade] = useState<Schemas['PersonWithLink'] | null>(null)
  const query = api.useQuery(
    'get',
    '/api/people/{person}',
    { params: { path: { person: person ?? 0 } } },
    { enabled: person !== undefined },
  )
  const found = query.data
  return (
    <>
      <Drawer
        open={person !== undefined}
        onClose={onClose}
        title={found?.name ?? t('person.title')}
        size={480}
        placement={narrow ? 'bottom' : 'right'}
        styles={narrow ? { wrapper: { height: '92dvh' } } : undefined}
        extra={found && <State person={found} mine={found.id === me?.id} />}
      >
        <Loaded query={query}>
          {(one) => (
            <>
              <section className={own.part}>
                <Facts key={one.id} person={one} />
              </section>
              <Security person={one} mine={one.id === me?.id} show={setMade} />
              <Work person={one} mine={one.id === me?.id} show={setMade} />
              <div className={own.links}>
                <Link to={`/admin/audit?kind=people.User&key=${one.id}`}>{t('person.trail')}</Link>
                <Link to={`/admin/audit?who=${one.id}`}>{t('person.acts')}</Link>
                <Link to={`/admin/why?person=${one.id}`}>{t('person.why')}</Link>
              </div>
            </>
          )}
        </Loaded>
      </Drawer>
      {made && <LinkModal made={made} onClose={() => setMade(null)} />}
    </>
  )
}

function State({ person, mine }: { person: Person; mine: boolean }) {
  const t = useAdminTexts()
  const format = useFormat()
  if (!person.active)
    return <span className={styles.chip}>{t('people.left', { day: format.day(person.left_at) })}</span>
  return (
    <span className={styles.faint}>
      {mine ? t('person.own') : t('people.joined', { day: format.day(person.joined_at) })}
    </span>
  )
}

function Facts({ person }: { person: Person }) {
  const t = useAdminTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const again = useAgain()
  const sayWhy = useSayWhy()
  const [form] = Form.useForm<Fields>()
  const [touched, setTouched] = useState(false)
  const known = {
    name: person.name,
    email: person.email,
    language: person.language,
    roles: person.roles,
    team: person.team?.id ?? null,
  }
  const latest = JSON.stringify(known)
  useEffect(() => {
    if (!touched) form.setFieldsValue(JSON.parse(latest))
  }, [form, latest, touched])
  const change = api.useMutation('patch', '/api/people/{person}', {
    onSuccess: async () => {
      await again()
      setTouched(false)
    },
    onError: (error) => {
      const problem = asProblem(error)
      const field = {
        email_taken: 'email',
        email_invalid: 'email',
        name_invalid: 'name',
        last_admin: 'roles',
      }[problem.code]
      if (field) form.setFields([{ name: field as keyof Fields, errors: [named(problem)] }])
      else sayWhy(error)
    },
  })
  return (
    <Form<Fields>
      form={form}
      layout="vertical"
      requiredMark={false}
      disabled={!person.active}
      validateTrigger="onSubmit"
      initialValues={known}
      onValuesChange={() => setTouched(true)}
      onFinish={({ team, ...fields }) =>
        change.mutate({ params: { path: { person: person.id } }, body: { ...fields, team: team ?? null } })
      }
    >
      <PersonFields />
      {touched && (
        <div className={own.foot}>
          <Button
            onClick={() => {
              form.setFieldsValue(known)
              setTouched(false)
            }}
          >
            {shared('cancel')}
          </Button>
          <Button type="primary" htmlType="submit" loading={change.isPending}>
            {t('person.save')}
          </Button>
        </div>
      )}
    </Form>
  )
}
