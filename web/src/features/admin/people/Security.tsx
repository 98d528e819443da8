import { App, Button } from 'antd'
import { Link } from 'react-router'
import { api, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useSharedTexts } from '@/shared/texts'
import { useAdminTexts } from '../texts'
import { type Person, useAgain, useSayWhy } from './data'
import own from './People.module.css'

/** How somebody signs in, and what can be done when that goes wrong. */
export function Security({
  person,
  mine,
  show,
}: {
  person: Person
  mine: boolean
  show: (made: Schemas['PersonWithLink']) => void
}) {
  const t = useAdminTexts()
  const shared = useSharedTexts()
  const format = useFormat()
  const { message, modal } = App.useApp()
  const again = useAgain()
  const sayWhy = useSayWhy()
  const params = { params: { path: { person: person.id } } }
  const told = (text: string) => async () => {
    void message.success(text)
    await again()
  }
  const signOut = api.useMutation('post', '/api/people/{person}/sign-out', {
    onSuccess: told(t('person.signOutDone')),
    onError: sayWhy,
  })
  const stopStep = api.useMutation('post', '/api/people/{person}/reset-second-step', {
    onSuccess: told(t('person.resetStepDone')),
    onError: sayWhy,
  })
  const reset = api.useMutation('post', '/api/people/{person}/reset-password', {
    onSuccess: async (made) => {
      show(made)
      await again()
    },
    onError: sayWhy,
  })
  if (!person.active) return null
  const ask = (title: string, content: string, okText: string, run: () => Promise<unknown>) =>
    void modal.confirm({
      title,
      content,
      okText,
      cancelText: shared('cancel'),
      icon: null,
      okButtonProps: { danger: true },
      // What was refused has been said; the question need not stay.
      onOk: () => run().catch(() => undefined),
    })
  return (
    <section className={own.part}>
      <h3>{t('person.security')}</h3>
      <dl className={own.facts}>
        <dt>{t('people.seen')}</dt>
        <dd>{person.last_seen_at ? format.moment(person.last_seen_at) : t('people.never')}</dd>
        <dd />
        <dt>{t('person.sessions')}</dt>
        <dd>{t('person.sessionCount', { number: format.number(person.sessions) })}</dd>
        <dd>
          {!mine && person.sessions > 0 && (
            <Button size="small" loading={signOut.isPending} onClick={() => signOut.mutate(params)}>
              {t('person.signOut')}
            </Button>
          )}
        </dd>
        <dt>{t('people.step')}</dt>
        <dd>{t(person.second_step ? 'people.stepOn' : 'people.stepOff')}</dd>
        <dd>
          {!mine && person.second_step && (
            <Button
              size="small"
              onClick={() =>
                ask(t('people.step'), t('person.resetStepAsk'), t('person.resetStep'), () =>
                  stopStep.mutateAsync(params),
                )
              }
            >
              {t('person.resetStep')}
            </Button>
          )}
        </dd>
        <dt>{t('person.password')}</dt>
        <dd>
          {person.link_ends_at
            ? t('person.passwordLink', { when: format.moment(person.link_ends_at) })
            : t('person.passwordSet')}
        </dd>
        <dd>
          {!mine && (
            <Button
              size="small"
              onClick={() =>
                ask(t('person.reset'), t('person.resetAsk'), t('person.reset'), () =>
                  reset.mutateAsync(params),
                )
              }
            >
              {t('person.reset')}
            </Button>
          )}
        </dd>
      </dl>
      {mine && (
        <p className={own.hint}>
          <Link to="/me">{t('person.ownHint')}</Link>
        </p>
      )}
    </section>
  )
}
