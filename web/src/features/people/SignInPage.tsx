import { useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Divider, Form, Input } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import { type ApiProblem, api, asProblem, client, type Schemas } from '@/shared/api'
import { setLanguage, useLanguage, useNamed } from '@/shared/i18n'
import { Logo } from '@/shared/Logo'
import { ME } from '@/shared/me'
import type { Language } from '@/shared/prefs'
import { useTitle } from '@/shared/title'
import { inside } from './inside'
import styles from './SignInPage.module.css'
import { usePeopleTexts } from './texts'

type Step = 'password' | 'code'

export default function SignInPage() {
  const t = usePeopleTexts()
  const named = useNamed()
  const language = useLanguage()
  const [search] = useSearchParams()
  const refused = search.get('refused') ?? undefined
  const { data: entry } = api.useQuery(
    'get',
    '/api/entry',
    { params: { query: { refused } } },
    { staleTime: Number.POSITIVE_INFINITY },
  )
  const [form] = Form.useForm<Schemas['SignIn']>()
  const [step, setStep] = useState<Step>('password')
  const [problem, setProblem] = useState<ApiProblem | null>(null)
  const [busy, setBusy] = useState('')
  const [wait, startWait] = useCountdown()
  const [asAdmin, setAsAdmin] = useState(false)
  const enter = useEnter()
  useTitle(t('signIn.title'))

  async function signIn(body: Schemas['SignIn'], from: string) {
    setBusy(from)
    setProblem(null)
    try {
      await enter(body)
    } catch (error) {
      const told = asProblem(error)
      if (told.code === 'code_needed') {
        setStep('code')
        form.setFieldValue('code', '')
      } else setProblem(told)
      if (told.waitSeconds) startWait(told.waitSeconds)
    } finally {
      setBusy('')
    }
  }

  const company = entry?.company ?? null
  const other: Language = language === 'zh' ? 'en' : 'zh'
  const field =
    problem?.code === 'wrong_credentials' ? 'password' : problem?.code === 'code_wrong' ? 'code' : null
  const errorOf = (name: 'password' | 'code') =>
    problem && field === name ? { validateStatus: 'error' as const, help: named(problem) } : {}

  return (
    <div className={styles.page}>
      <div className={styles.language}>
        <Button
          type="text"
          size="small"
          lang={other === 'zh' ? 'zh-CN' : 'en'}
          onClick={() => {
            chosenHere = other
            void setLanguage(other)
          }}
        >
          {other === 'zh' ? '中文' : 'English'}
        </Button>
      </div>
      <main className={styles.middle}>
        <div className={styles.card}>
          <div className={styles.brand}>
            <Logo size={36} />
            <div>
              <h1>{language === 'zh' ? '先见 Foresail' : 'Foresail 先见'}</h1>
              <p>{t('signIn.promise')}</p>
            </div>
          </div>
          {entry?.refused && !problem && (
            <Alert className={styles.alert} type="error" title={named(entry.refused)} role="alert" />
          )}
          {company && step === 'password' && (
            <>
              <Button
                type="primary"
                block
                href={`/api/sign-in?next=${encodeURIComponent(inside(search.get('next')))}`}
              >
                {t('signIn.company', { name: named(company) })}
              </Button>
              {entry?.passwords ? (
                <Divider plain className={styles.or}>
                  {t('signIn.or')}
                </Divider>
              ) : asAdmin ? (
                <p className={styles.off}>{t('signIn.passwordsOff')}</p>
              ) : (
                <Button type="text" block className={styles.back} onClick={() => setAsAdmin(true)}>
                  {t('signIn.adminsOnly')}
                </Button>
              )}
            </>
          )}
          <Form
            hidden={entry === undefined || (company !== null && !entry?.passwords && !asAdmin)}
            form={form}
            layout="vertical"
            requiredMark={false}
            validateTrigger="onSubmit"
            onFinish={(values) => void signIn(values, 'form')}
            onValuesChange={() => setProblem(null)}
          >
            {/* The first step stays in the page: password managers fill and keep what they see. */}
            <div hidden={step !== 'password'}>
              <Form.Item
                name="email"
                label={t('signIn.email')}
                rules={[{ required: true, message: t('signIn.emailNeeded') }]}
              >
                <Input
                  type="email"
                  autoComplete="username"
                  autoFocus={company === null || asAdmin}
                  inputMode="email"
                />
              </Form.Item>
              <Form.Item
                name="password"
                label={t('signIn.password')}
                rules={[{ required: true, message: t('signIn.passwordNeeded') }]}
                {...errorOf('password')}
              >
                <Input.Password autoComplete="current-password" />
              </Form.Item>
            </div>
            {step === 'code' && (
              <Form.Item
                name="code"
                label={t('signIn.code')}
                extra={t('signIn.codeHelp')}
                rules={[{ required: true, message: t('signIn.codeNeeded') }]}
                {...errorOf('code')}
              >
                <Input autoFocus autoComplete="one-time-code" spellCheck={false} />
              </Form.Item>
            )}
            {problem && !field && (!problem.waitSeconds || wait > 0) && (
              <Alert
                className={styles.alert}
                type="error"
                title={problem.waitSeconds ? t('signIn.tooMany') : named(problem)}
                role="alert"
              />
            )}
            <Button
              type={company && step === 'password' ? 'default' : 'primary'}
              htmlType="submit"
              block
              className={styles.submit}
              disabled={wait > 0}
              loading={busy === 'form'}
            >
              {wait > 0 ? t('signIn.wait', { seconds: wait }) : t('signIn.submit')}
            </Button>
            {step === 'code' && (
              <Button
                type="text"
                block
                className={styles.back}
                onClick={() => {
                  setStep('password')
                  setProblem(null)
                  form.resetFields(['password', 'code'])
                }}
              >
                {t('signIn.otherUser')}
              </Button>
            )}
          </Form>
          {step === 'password' && entry?.passwords && entry.demo_logins.length > 0 && (
            <section className={styles.demo} aria-label={t('signIn.demo')}>
              <h2>{t('signIn.demo')}</h2>
              {entry.demo_logins.map((user) => (
                <button
                  key={user.email}
                  type="button"
                  disabled={busy !== '' || wait > 0}
                  onClick={() => void signIn({ email: user.email, password: user.password }, user.email)}
                >
                  <span>{user.name}</span>
                  <span>{language === 'zh' ? user.role_zh : user.role_en}</span>
                </button>
              ))}
            </section>
          )}
        </div>
        {entry && <p className={styles.version}>{t('signIn.version', { version: entry.version })}</p>}
      </main>
    </div>
  )
}

/** The language somebody chose on this page: it goes with them, over what they had. */
let chosenHere: Language | null = null

function useEnter() {
  const navigate = useNavigate()
  const queries = useQueryClient()
  const [search] = useSearchParams()
  return async (body: Schemas['SignIn']) => {
    const { data: me } = await client.POST('/api/session', { body })
    if (!me) return
    queries.clear()
    queries.setQueryData(ME, me)
    if (chosenHere && chosenHere !== me.language) {
      const changed = await client.PATCH('/api/me', { body: { language: chosenHere } }).catch(() => null)
      if (changed?.data) queries.setQueryData(ME, changed.data)
    }
    chosenHere = null
    const goal = inside(search.get('next'))
    // The reference of the API is a page of the server's, not of this app.
    if (goal.startsWith('/api/')) location.assign(goal)
    else await navigate(goal, { replace: true })
  }
}

function useCountdown(): [number, (seconds: number) => void] {
  const [until, setUntil] = useState(0)
  const [left, setLeft] = useState(0)
  const timer = useRef<ReturnType<typeof setInterval>>(undefined)
  useEffect(() => {
    if (!until) return
    const tick = () => {
      const seconds = Math.max(0, Math.ceil((until - Date.now()) / 1000))
      setLeft(seconds)
      if (!seconds) clearInterval(timer.current)
    }
    tick()
    timer.current = setInterval(tick, 250)
    return () => clearInterval(timer.current)
  }, [until])
  return [left, (seconds) => setUntil(Date.now() + seconds * 1000)]
}
