import { Dropdown, type MenuProps } from 'antd'
import { type ReactElement, useState } from 'react'
import { useNavigate } from 'react-router'
import { useChangeLanguage, useSignOut } from '@/features/people/person'
import { useLanguage } from '@/shared/i18n'
import { type Me, may } from '@/shared/me'
import { type Theme, usePrefs } from '@/shared/prefs'

import styles from './PersonMenu.module.css'
import { useShellTexts } from './texts'

/** The menu behind the avatar; it is loaded when somebody asks for it, and opens at once. */
export default function PersonMenu({
  me,
  onKeys,
  children,
}: {
  me: Me
  onKeys: () => void
  children: ReactElement
}) {
  const t = useShellTexts()
  const [open, setOpen] = useState(true)
  const navigate = useNavigate()
  const language = useLanguage()
  const theme = usePrefs((prefs) => prefs.theme)
  const setTheme = usePrefs((prefs) => prefs.setTheme)
  const changeLanguage = useChangeLanguage()
  const signOut = useSignOut()
  const themes: Theme[] = ['light', 'dark', 'system']
  const items: MenuProps['items'] = [
    {
      key: 'who',
      disabled: true,
      label: (
        <div className={styles.who}>
          <strong>{me.name}</strong>
          <span>{me.demo ? `${t('person.demo')} · ${me.email}` : me.email}</span>
        </div>
      ),
    },
    { type: 'divider' },
    { key: 'me', label: t('person.profile'), onClick: () => void navigate('/me') },
    ...(may(me, 'see') ? [{ key: 'bin', label: t('bin'), onClick: () => void navigate('/bin') }] : []),
    { key: 'keys', label: t('person.keys'), extra: '?', onClick: onKeys },
    {
      key: 'language',
      label: language === 'zh' ? 'English' : '中文',
      onClick: () => void changeLanguage(language === 'zh' ? 'en' : 'zh'),
    },
    { type: 'divider' },
    {
      type: 'group',
      label: t('person.theme'),
      children: themes.map((name) => ({
        key: name,
        label: t(`person.${name}`),
        extra: name === theme ? '✓' : undefined,
        onClick: () => setTheme(name),
      })),
    },
    { type: 'divider' },
    { key: 'out', label: t('person.signOut'), onClick: () => void signOut() },
  ]
  return (
    <Dropdown
      menu={{ items }}
      trigger={['click']}
      placement="bottomRight"
      open={open}
      onOpenChange={setOpen}
      autoFocus
    >
      {children}
    </Dropdown>
  )
}
