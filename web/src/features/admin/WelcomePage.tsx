import { Alert, Button, Form, Input } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { Link } from 'react-router'
import { type ApiProblem, api, asProblem, client, type Schemas } from '@/shared/api'
import { setLanguage, useNamed } from '@/shared/i18n'
import { Logo } from '@/shared/Logo'
import { Waiting } from '@/shared/states'
import { useTitle } from '@/shared/title'
import { useAdminTexts } from './texts'
import styles from './WelcomePage.module.css'

type Owner = Schemas['LinkOwner']

/** Where a link leads by which somebody chooses a password. What is behind the # the browser tells no server. */
export default function WelcomePage() {
  const t = useAdminTexts()
  const named = useNamed()
  const token = location.hash.slice(1)
  const [owner, setOwner] = useState<Owner | null>(null)
  const [problem, setProblem] = useState<ApiProblem | null>(null)
  const [done, setDone] = useState(false)
  // It also hands out the cookie that proves a form to be ours.
  const entry = api.useQuery('get', '/api/entry', {}, { staleTime: Number.POSITIVE_INFINITY })
  const asked = useRef(false)
  useTitle(t('welcome.title'))
  useEffect(() => {
    if (!token || !entry.data || asked.current) return
    asked.current = true
    client.POST('/api/session/link/owner', { body: { token } }).then(
      ({ data }) => {
        if (!data) return
        void setLanguage(data.language)
        setOwner(data)
      },
      (error: unknown) => setProblem(asProblem(error)),
    )
  }, [token, entry.data])
  const failed: unknown = entry.error
  const refused = problem ?? (failed ? asProblem(failed) : null)
  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <div className={styles.brand}>
          <Logo size={36} />
          <h1>
            {owner && !done
              ? t('welcome.hello', { name: owner.name })
              : t(done ? 'welcome.done' : 'welcome.title')}
          </h1>
        </div>
        {!token || refused ? (
          <>
            <Alert
              className={styles.gap}
              type="error"
              role="alert"
              title={refused ? named(refused) : t('welcome.missing')}
            />
            <Link to="/sign-in">{t('welcome.signIn')}</Link>
          </>
        ) : !owner ? (
          <Waiting rows={3} />
        ) : done ? (
          <>
            <p className={styles.gap}>{t('welcome.doneWhat', { email: owner.email })}</p>
            <Link to="/sign-in">
              <Button type="primary" block>
                {t('welcome.signIn')}
              </Button>
            </Link>
          </>
        ) : (
          <Choose owner={owner} token={token} onDone={() => setDone(true)} />
        )}
      </div>
    </main>
  )
}

function Choose({ owner, token, onDone }: { owner: Owner; token: string; onDone: () => void }) {
  const t = useAdminTexts()
  const named = useNamed()
  const [form] = Form.useForm<{ password: string; again: string }>()
  const [busy, setBusy] = useState(false)
  async function choose(password: string) {
    setBusy(true)
    try {
      await client.POST('/api/session/link/use', { body: { token, password } })
      onDone()
    } catch (error) {
      form.setFields([{ name: 'password', errors: [named(asProblem(error))] }])
    } finally {
      setBusy(false)
    }
  }
  return (
    <Form
      form={form}
      layout="vertical"
      requiredMark={false}
      validateTrigger="onSubmit"
      onFinish={({ password }) => void choose(password)}
    >
      <p className={styles.gap}>{t('welcome.what')}</p>
      <Form.Item label={t('welcome.email')} htmlFor="welcome-email">
        {/* So that a password manager knows whose password this is. */}
        <Input id="welcome-email" readOnly autoComplete="username" value={owner.email} variant="filled" />
      </Form.Item>
      <Form.Item
        name="password"
        label={t('welcome.password')}
        extra={t('welcome.hint')}
        rules={[{ required: true, message: t('welcome.needed') }]}
      >
        <Input.Password autoComplete="new-password" autoFocus />
      </Form.Item>
      <Form.Item
        name="again"
        label={t('welcome.again')}
        rules={[
          ({ getFieldValue }) => ({
            validator: (_, value) =>
              value === getFieldValue('password')
                ? Promise.resolve()
                : Promise.reject(new Error(t('welcome.differs'))),
          }),
        ]}
      >
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      <Button type="primary" htmlType="submit" block loading={busy}>
        {t('welcome.submit')}
      </Button>
    </Form>
  )
}
