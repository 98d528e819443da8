import { App, Button, Input, Segmented } from 'antd'
import { useState } from 'react'
import { api, asProblem } from '@/shared/api'
import { useLanguage, useNamed } from '@/shared/i18n'
import { type Me, useKeepMe } from '@/shared/me'
import type { Language } from '@/shared/prefs'
import { useSharedTexts } from '@/shared/texts'
import styles from '../MePage.module.css'
import { useChangeLanguage } from '../person'
import { usePeopleTexts } from '../texts'

const ROLES = [
  'rep',
  'manager',
  'sales_operations',
  'legal',
  'engineering',
  'logistics',
  'admin',
  'read_only',
] as const

export function Profile({ me }: { me: Me }) {
  const t = usePeopleTexts()
  const shared = useSharedTexts()
  const language = useLanguage()
  const changeLanguage = useChangeLanguage()
  const roles = ROLES.filter((role) => me.roles.includes(role)).map((role) => t(`roles.${role}`))
  return (
    <section className={styles.card} aria-labelledby="profile">
      <h2 id="profile">{t('me.profile')}</h2>
      <dl className={styles.facts}>
        <dt>{t('me.name')}</dt>
        <dd>
          <Name me={me} save={shared('save')} />
        </dd>
        <dt>{t('me.language')}</dt>
        <dd>
          <Segmented<Language>
            aria-label={t('me.language')}
            value={language}
            options={[
              { value: 'zh', label: '中文' },
              { value: 'en', label: 'English' },
            ]}
            onChange={(chosen) => void changeLanguage(chosen)}
          />
        </dd>
        <dt>{t('me.email')}</dt>
        <dd>{me.email}</dd>
        <dt>{t('me.team')}</dt>
        <dd>{me.team ? [me.line?.name, me.team.name].filter(Boolean).join(' · ') : t('me.none')}</dd>
        <dt>{t('me.roles')}</dt>
        <dd>{roles.join(language === 'zh' ? '、' : ', ') || t('me.none')}</dd>
      </dl>
      <p className={styles.hint}>{t('me.askAdmin')}</p>
    </section>
  )
}

function Name({ me, save }: { me: Me; save: string }) {
  const t = usePeopleTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const keepMe = useKeepMe()
  const { message } = App.useApp()
  const [name, setName] = useState(me.name)
  const change = api.useMutation('patch', '/api/me', {
    onSuccess: (told) => {
      keepMe(told)
      void message.success(shared('saved'))
    },
    onError: (error) => void message.error(named(asProblem(error))),
  })
  const wanted = name.trim()
  return (
    <>
      <Input
        aria-label={t('me.name')}
        style={{ maxWidth: 240 }}
        value={name}
        maxLength={150}
        status={wanted ? undefined : 'error'}
        onChange={(event) => setName(event.target.value)}
        autoComplete="name"
      />
      {wanted && wanted !== me.name && (
        <Button loading={change.isPending} onClick={() => change.mutate({ body: { name: wanted } })}>
          {save}
        </Button>
      )}
    </>
  )
}
