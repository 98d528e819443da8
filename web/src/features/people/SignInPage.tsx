import { useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Divider, Input } from 'antd'
import { cloneElement, type ReactElement, useEffect, useId, useRef, useState } from 'react'
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
type Name = 'email' | 'password' | 'code'

const NOTHING: Record<Name, string> = { email: '', password: '', code: '' }

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
  const [values, setValues] = useState(NOTHING)
  const [missing, setMissing] = useState<Name | null>(null)
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
        setValues((now) => ({ ...now, code: '' }))
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
  const errorOf = (name: Name) =>
    missing === name ? t(`signIn.${name}Needed`) : problem && field === name ? named(problem) : undefined
  const bound = (name: Name) => ({
    value: values[name],
    onChange: ({ target }: { target: HTMLInputElement }) => {
      setValues((now) => ({ ...now, [name]: target.value }))
      setProblem(null)
      setMissing(null)
    },
  })

  function submit() {
    const needed: Name[] = step === 'code' ? ['code'] : ['email', 'password']
    const lacking = needed.find((name) => !values[name])
    setMissing(lacking ?? null)
    if (lacking) return
    const { email, password, code } = values
    void signIn(step === 'code' ? { email, password, code } : { email, password }, 'form')
  }

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
          {/* Without antd's forms: they would double what this page loads. */}
          <form
            noValidate
            hidden={entry === undefined || (company !== null && !entry?.passwords && !asAdmin)}
            onSubmit={(event) => {
              event.preventDefault()
              submit()
            }}
          >
            {/* The first step stays in the page: password managers fill and keep what they see. */}
            <div hidden={step !== 'password'}>
              <Field label={t('signIn.email')} error={errorOf('email')}>
                <Input
                  name="email"
                  type="email"
                  autoComplete="username"
                  autoFocus={company === null || asAdmin}
                  inputMode="email"
                  {...bound('email')}
                />
              </Field>
              <Field label={t('signIn.password')} error={errorOf('password')}>
                <Input.Password name="password" autoComplete="current-password" {...bound('password')} />
              </Field>
            </div>
            {step === 'code' && (
              <Field label={t('signIn.code')} error={errorOf('code')} help={t('signIn.codeHelp')}>
                <Input
                  name="code"
                  autoFocus
                  autoComplete="one-time-code"
                  spellCheck={false}
                  {...bound('code')}
                />
              </Field>
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
                  setValues((now) => ({ ...NOTHING, email: now.email }))
                }}
              >
                {t('signIn.otherUser')}
              </Button>
            )}
          </form>
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

interface FieldProps {
  label: string
  error?: string
  help?: string
  children: ReactElement<{ id?: string; status?: 'error'; 'aria-describedby'?: string }>
}

/** An input with what it is for, and what is wrong with it. */
function Field({ label, error, help, children }: FieldProps) {
  const id = useId()
  const told = error ?? help
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      {cloneElement(children, {
        id,
        status: error ? 'error' : undefined,
        'aria-describedby': told ? `${id}-told` : undefined,
      })}
      {told && (
        <p
          id={`${id}-told`}
          className={error ? styles.wrong : styles.help}
          role={error ? 'alert' : undefined}
        >
          {told}
        </p>
      )}
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
