import { useQueryClient } from '@tanstack/react-query'
import { Alert, App, Button, Form, Input, Select, Switch } from 'antd'
import { useState } from 'react'
import { type ApiProblem, api, asProblem, client, type Schemas } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { may, useMe } from '@/shared/me'
import { Loaded, NoPermission } from '@/shared/states'
import { useSharedTexts } from '@/shared/texts'
import { useTitle } from '@/shared/title'
import { CopyButton } from '../CopyButton'
import { KeyRow } from '../KeyRow'
import me from '../MePage.module.css'
import { usePeopleTexts } from '../texts'
import styles from './SignInSettings.module.css'

const SETTINGS = api.queryOptions('get', '/api/admin/sign-in', {}).queryKey
const KEYS = ['get', '/api/admin/keys']
const ROLES = [
  'rep',
  'manager',
  'sales_operations',
  'legal',
  'engineering',
  'logistics',
  'read_only',
] as const
const REFUSE = 'refuse'

/** How people sign in, and everybody's API keys; for administrators. */
export default function SignInSettings() {
  const t = usePeopleTexts()
  const { data: who } = useMe()
  useTitle(t('access.title'))
  if (!who) return null
  return (
    <div className={styles.page}>
      <div>
        <h1>{t('access.title')}</h1>
        <p className={styles.intro}>{t('access.intro')}</p>
      </div>
      {may(who, 'administer') ? (
        <>
          <Settings />
          <AllKeys />
        </>
      ) : (
        <NoPermission />
      )}
    </div>
  )
}

function Settings() {
  const settings = api.useQuery('get', '/api/admin/sign-in', {}, { staleTime: Number.POSITIVE_INFINITY })
  return <Loaded query={settings}>{(kept) => <Fields kept={kept} />}</Loaded>
}

type Kept = Schemas['SignInSettings']
interface Values {
  enabled: boolean
  issuer: string
  client: string
  secret: string
  name_zh: string
  name_en: string
  domains: string[]
  newcomer: string
  passwords: boolean
}

function valuesOf(kept: Kept): Values {
  return {
    enabled: kept.enabled,
    issuer: kept.issuer,
    client: kept.client,
    secret: '',
    name_zh: kept.name_zh,
    name_en: kept.name_en,
    domains: kept.domains,
    newcomer: kept.newcomer_role ?? REFUSE,
    passwords: kept.passwords,
  }
}

function Fields({ kept }: { kept: Kept }) {
  const t = usePeopleTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const { message } = App.useApp()
  const queries = useQueryClient()
  const [form] = Form.useForm<Values>()
  const [changed, setChanged] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<ApiProblem | null>(null)
  const enabled = Form.useWatch('enabled', form) ?? kept.enabled
  const newcomer = (role: (typeof ROLES)[number]) => ({
    value: role as string,
    label: t('access.add', { role: t(`roles.${role}`) }),
  })

  async function save(values: Values, secret?: '') {
    setBusy(true)
    setProblem(null)
    const { newcomer, ...rest } = values
    const body: Schemas['ChangeSignIn'] = {
      ...rest,
      secret: secret ?? (values.secret || null),
      newcomer_role: ROLES.find((role) => role === newcomer) ?? null,
      // Without single sign-on there is no other way in.
      passwords: values.passwords || !values.enabled,
    }
    try {
      const { data } = await client.PUT('/api/admin/sign-in', { body })
      if (data) {
        queries.setQueryData(SETTINGS, data)
        form.setFieldsValue(valuesOf(data))
      }
      setChanged(false)
      void message.success(shared('saved'))
    } catch (error) {
      setProblem(asProblem(error))
    } finally {
      setBusy(false)
    }
  }

  return (
    <Form
      form={form}
      layout="vertical"
      requiredMark={false}
      initialValues={valuesOf(kept)}
      onValuesChange={() => {
        setChanged(true)
        setProblem(null)
      }}
      onFinish={(values) => void save(values)}
      className={styles.page}
    >
      <section className={me.card} aria-labelledby="sso">
        <h2 id="sso">{t('access.sso')}</h2>
        <Toggle name="enabled" label={t('access.on')} />
        <Form.Item label={t('access.issuer')} htmlFor="issuer" extra={t('access.issuerHelp')}>
          <div className={styles.line}>
            <Form.Item name="issuer" noStyle>
              <Input id="issuer" inputMode="url" autoComplete="off" spellCheck={false} maxLength={500} />
            </Form.Item>
            <Check issuer={() => form.getFieldValue('issuer')} />
          </div>
        </Form.Item>
        <div className={styles.two}>
          <Form.Item name="client" label={t('access.client')}>
            <Input autoComplete="off" spellCheck={false} maxLength={300} />
          </Form.Item>
          <Form.Item
            name="secret"
            label={t('access.secret')}
            extra={
              <>
                {t('access.secretHelp')}{' '}
                {kept.has_secret && (
                  <Button type="link" size="small" onClick={() => void save(form.getFieldsValue(true), '')}>
                    {t('access.secretRemove')}
                  </Button>
                )}
              </>
            }
          >
            <Input.Password
              autoComplete="new-password"
              placeholder={t(kept.has_secret ? 'access.secretKept' : 'access.secretNone')}
            />
          </Form.Item>
          <Form.Item
            name="name_zh"
            label={t('access.nameZh')}
            extra={t('access.nameHelp', { name: '公司账号' })}
          >
            <Input maxLength={50} placeholder="公司账号" />
          </Form.Item>
          <Form.Item name="name_en" label={t('access.nameEn')}>
            <Input maxLength={50} placeholder="your company account" />
          </Form.Item>
        </div>
        <h3>{t('access.register')}</h3>
        <dl className={styles.addresses}>
          {(
            [
              ['back', kept.back],
              ['backChannel', kept.back_channel],
            ] as const
          ).map(([name, address]) => (
            <div key={name}>
              <dt>{t(`access.${name}`)}</dt>
              <dd>
                <code>{address}</code>
                <CopyButton text={address} label={t('access.copy')} done={t('access.copied')} />
              </dd>
            </div>
          ))}
        </dl>
      </section>
      <section className={me.card} aria-labelledby="who">
        <h2 id="who">{t('access.who')}</h2>
        <Form.Item name="domains" label={t('access.domains')} extra={t('access.domainsHelp')}>
          <Select
            mode="tags"
            open={false}
            suffixIcon={null}
            tokenSeparators={[',', '，', ' ', ';']}
            aria-label={t('access.domains')}
          />
        </Form.Item>
        <Form.Item name="newcomer" label={t('access.newcomer')}>
          <Select
            aria-label={t('access.newcomer')}
            options={[{ value: REFUSE, label: t('access.refuse') }, ...ROLES.map(newcomer)]}
          />
        </Form.Item>
        <Toggle
          name="passwords"
          label={t('access.passwords')}
          help={t('access.passwordsHelp')}
          disabled={!enabled}
        />
        <p className={me.hint}>{t('access.rescue')}</p>
      </section>
      {problem && <Alert type="error" title={named(problem)} role="alert" />}
      <div className={styles.foot}>
        <Button type="primary" htmlType="submit" loading={busy} disabled={!changed}>
          {shared('save')}
        </Button>
        {changed && <span>{t('access.unsaved')}</span>}
      </div>
    </Form>
  )
}

function Toggle({
  name,
  label,
  help,
  disabled,
}: {
  name: string
  label: string
  help?: string
  disabled?: boolean
}) {
  return (
    <div className={styles.switch}>
      <Form.Item name={name} valuePropName="checked" noStyle>
        <Switch id={name} disabled={disabled} />
      </Form.Item>
      <div>
        <label htmlFor={name}>{label}</label>
        {help && <p>{help}</p>}
      </div>
    </div>
  )
}

function Check({ issuer }: { issuer: () => string }) {
  const t = usePeopleTexts()
  const named = useNamed()
  const { message } = App.useApp()
  const check = api.useMutation('post', '/api/admin/sign-in/check', {
    onSuccess: () => void message.success(t('access.checked')),
    onError: (error) => void message.error(named(asProblem(error))),
  })
  return (
    <Button loading={check.isPending} onClick={() => check.mutate({ body: { issuer: issuer() } })}>
      {t('access.check')}
    </Button>
  )
}

function AllKeys() {
  const t = usePeopleTexts()
  const named = useNamed()
  const { message } = App.useApp()
  const queries = useQueryClient()
  const keys = api.useQuery('get', '/api/admin/keys')
  const own = api.useQuery('get', '/api/me/keys')
  const revoke = api.useMutation('delete', '/api/admin/keys/{key}', {
    onSuccess: () => void message.success(t('keys.revoked')),
    onError: (error) => void message.error(named(asProblem(error))),
    onSettled: () => queries.invalidateQueries({ queryKey: KEYS }),
  })
  return (
    <section className={me.card} aria-labelledby="all-keys">
      <h2 id="all-keys">{t('access.keys')}</h2>
      <Loaded query={keys}>
        {(rows) =>
          rows.length === 0 ? (
            <p className={me.meta}>{t('access.keysNone')}</p>
          ) : (
            rows.map((row) => (
              <KeyRow
                key={row.id}
                row={row}
                areas={own.data?.areas ?? []}
                owner={row.user.name}
                revoke={() => revoke.mutate({ params: { path: { key: row.id } } })}
              />
            ))
          )
        }
      </Loaded>
    </section>
  )
}
