import {
  AimOutlined,
  AppstoreOutlined,
  BankOutlined,
  BgColorsOutlined,
  ContactsOutlined,
  DeleteOutlined,
  FundProjectionScreenOutlined,
  GlobalOutlined,
  PlusOutlined,
  RightOutlined,
  SearchOutlined,
  UserOutlined,
} from '@ant-design/icons'
import { keepPreviousData } from '@tanstack/react-query'
import { Modal } from 'antd'
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { useNavigate } from 'react-router'
import { useChangeLanguage } from '@/features/people/person'
import { type Creatable, useCreate } from '@/features/record/create'
import { type Kind, pathOf } from '@/features/record/kinds'
import { listAddress } from '@/features/records/address'
import { api } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useLanguage, useNamed } from '@/shared/i18n'
import { type Me, may } from '@/shared/me'
import { type Recent, usePrefs } from '@/shared/prefs'
import { useDebounced } from '@/shared/useDebounced'
import { entriesFor } from './nav'
import styles from './Palette.module.css'
import { useShellTexts } from './texts'

interface Choice {
  id: string
  icon: ReactNode
  text: string
  note?: string
  run: () => void
}

interface Group {
  name: string
  choices: Choice[]
}

const DEBOUNCE = 150

/** One box that finds records and does commands, by keyboard alone if wanted. */
export default function Palette({ me, close }: { me: Me; close: () => void }) {
  const t = useShellTexts()
  const [text, setText] = useState('')
  const q = useDebounced(text.trim(), DEBOUNCE)
  const { groups, found } = useChoices(me, text.trim(), q, close)
  const choices = groups.flatMap((group) => group.choices)
  const [chosen, setChosen] = useState(0)
  const at = Math.min(chosen, Math.max(0, choices.length - 1))
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    list.current?.querySelector(`[data-at="${at}"]`)?.scrollIntoView({ block: 'nearest' })
  }, [at])

  function onKey(event: KeyboardEvent) {
    if (event.nativeEvent.isComposing) return
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step && choices.length) {
      event.preventDefault()
      setChosen((at + step + choices.length) % choices.length)
    } else if (event.key === 'Enter') {
      event.preventDefault()
      choices[at]?.run()
    }
  }

  let index = -1
  return (
    <Modal
      open
      onCancel={close}
      footer={null}
      closable={false}
      width={600}
      style={{ top: '12vh' }}
      styles={{ container: { padding: 0, overflow: 'hidden' } }}
      title={<span className="visually-hidden">{t('palette.title')}</span>}
      classNames={{ header: styles.header }}
    >
      <div className={styles.field}>
        <SearchOutlined aria-hidden />
        <input
          // biome-ignore lint/a11y/noAutofocus: it opens because somebody wants to type
          autoFocus
          role="combobox"
          aria-expanded
          aria-controls="palette-list"
          aria-activedescendant={choices[at] ? `palette-${at}` : undefined}
          aria-autocomplete="list"
          aria-label={t('palette.input')}
          placeholder={t('palette.open')}
          value={text}
          onChange={(event) => {
            setText(event.target.value)
            setChosen(0)
          }}
          onKeyDown={onKey}
          autoComplete="off"
          spellCheck={false}
        />
      </div>
      <div className={styles.list} ref={list}>
        {found === 'failed' && <div className={styles.word}>{t('palette.failed')}</div>}
        {found === 'nothing' && <div className={styles.word}>{t('palette.nothing', { q })}</div>}
        <div id="palette-list" role="listbox" aria-label={t('palette.title')}>
          {groups.map((group) => (
            // biome-ignore lint/a11y/useSemanticElements: a group of options, not a fieldset
            <div key={group.name} role="group" aria-label={group.name}>
              <div className={styles.group} aria-hidden>
                {group.name}
              </div>
              {group.choices.map((choice) => {
                index += 1
                const mine = index
                return (
                  // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the combobox
                  <div
                    key={choice.id}
                    id={`palette-${mine}`}
                    data-at={mine}
                    role="option"
                    tabIndex={-1}
                    aria-selected={mine === at}
                    className={styles.choice}
                    onMouseMove={() => setChosen(mine)}
                    onClick={choice.run}
                  >
                    <span aria-hidden>{choice.icon}</span>
                    <span className={styles.text}>{choice.text}</span>
                    {choice.note && <span className={styles.note}>{choice.note}</span>}
                  </div>
                )
              })}
            </div>
          ))}
        </div>
      </div>
      <div className={styles.foot} aria-hidden>
        <kbd>↑</kbd>
        <kbd>↓</kbd> {t('palette.move')}
        <kbd>Enter</kbd> {t('palette.choose')}
        <kbd>Esc</kbd> {t('palette.close')}
      </div>
    </Modal>
  )
}

const ICONS: Record<Kind, ReactNode> = {
  deal: <FundProjectionScreenOutlined />,
  account: <BankOutlined />,
  contact: <ContactsOutlined />,
  lead: <AimOutlined />,
  product: <AppstoreOutlined />,
}

const noteOf = (...parts: (string | false | null)[]) => parts.filter(Boolean).join(' · ')

function useChoices(me: Me, typed: string, q: string, close: () => void) {
  const t = useShellTexts()
  const named = useNamed()
  const format = useFormat()
  const navigate = useNavigate()
  const recent = usePrefs((prefs) => prefs.recent)
  const remember = usePrefs((prefs) => prefs.remember)
  const commands = useCommands(me, close)
  const sees = entriesFor(me).some(({ name }) => name === 'deals')
  const search = api.useQuery(
    'get',
    '/api/search',
    { params: { query: { q } } },
    { enabled: sees && q !== '', placeholderData: keepPreviousData, staleTime: 10_000 },
  )
  const go = (path: string, seen?: Recent) => () => {
    if (seen) remember(seen)
    close()
    void navigate(path)
  }
  const seen = (item: Recent): Choice => ({
    id: `${item.kind}-${item.id}`,
    icon: ICONS[item.kind],
    text: item.name,
    note: item.note,
    run: go(pathOf(item.kind, item.id), item),
  })
  const groups: Group[] = []
  const add = (name: string, choices: Choice[]) => choices.length && groups.push({ name, choices })

  if (typed === '') {
    add(t('palette.recent'), recent.map(seen))
    add(t('palette.commands'), commands)
    return { groups, found: 'yes' as const }
  }
  const told = q === '' ? undefined : search.data
  if (told) {
    add(
      t('palette.deals'),
      told.deals.map((deal) =>
        seen({
          kind: 'deal',
          id: deal.id,
          name: deal.name,
          note: [deal.account.name, named(deal.stage), format.money(deal.amount, deal.currency)].join(' · '),
        }),
      ),
    )
    add(
      t('palette.accounts'),
      told.accounts.map(({ id, name }) => seen({ kind: 'account', id, name, note: '' })),
    )
    add(
      t('palette.contacts'),
      told.contacts.map(({ id, name, title, account, left_at }) =>
        seen({ kind: 'contact', id, name, note: noteOf(title, account.name, left_at && t('palette.left')) }),
      ),
    )
    add(
      t('palette.leads'),
      told.leads.map(({ id, name, company, status }) =>
        seen({ kind: 'lead', id, name, note: noteOf(company, t(`leadStatus.${status}`)) }),
      ),
    )
    add(
      t('palette.products'),
      told.products.map(({ id, name, code, active }) =>
        seen({ kind: 'product', id, name, note: noteOf(code, !active && t('palette.offSale')) }),
      ),
    )
  }
  const records = groups.length > 0
  if (told?.deals.length)
    groups[0]?.choices.push({
      id: 'all',
      icon: <RightOutlined />,
      text: t('palette.all', { q }),
      run: go(listAddress('deal', { q, everything: true })),
    })
  const wanted = typed.toLowerCase()
  add(
    t('palette.commands'),
    commands.filter(({ text, id }) => text.toLowerCase().includes(wanted) || id.includes(wanted)),
  )
  const settled = q === typed && told && !search.isPlaceholderData
  const found = search.error ? 'failed' : settled && !records && !groups.length ? 'nothing' : 'yes'
  return { groups, found: found as 'failed' | 'nothing' | 'yes' }
}

function useCommands(me: Me, close: () => void): Choice[] {
  const t = useShellTexts()
  const navigate = useNavigate()
  const language = useLanguage()
  const { theme, setTheme } = usePrefs()
  const changeLanguage = useChangeLanguage()
  const create = useCreate()
  const command = (id: string, icon: ReactNode, text: string, run: () => void, note?: string): Choice => ({
    id,
    icon,
    text,
    note,
    run: () => {
      close()
      run()
    },
  })
  const creatable: Creatable[] = [
    ...(may(me, 'change') ? (['deal', 'account', 'contact', 'lead', 'task'] as const) : []),
    ...(may(me, 'configure') ? (['product'] as const) : []),
  ]
  return [
    ...creatable.map((kind) =>
      command(
        `new ${kind}`,
        <PlusOutlined />,
        t('palette.new', { kind: t(`kind.${kind}`) }),
        () => create(kind),
        kind === 'deal' ? 'C' : undefined,
      ),
    ),
    ...entriesFor(me).map(({ name, path, key, icon: Icon }) =>
      command(
        name,
        <Icon />,
        t('palette.go', { page: t(`nav.${name}`) }),
        () => void navigate(path),
        key && `G ${key.toUpperCase()}`,
      ),
    ),
    ...(may(me, 'see')
      ? [command('bin', <DeleteOutlined />, t('palette.go', { page: t('bin') }), () => void navigate('/bin'))]
      : []),
    command(
      'settings',
      <UserOutlined />,
      t('palette.go', { page: t('person.profile') }),
      () => void navigate('/me'),
    ),
    command(
      'language',
      <GlobalOutlined />,
      t('palette.toLanguage'),
      () => void changeLanguage(language === 'zh' ? 'en' : 'zh'),
    ),
    ...(['light', 'dark', 'system'] as const)
      .filter((name) => name !== theme)
      .map((name) =>
        command(
          `theme ${name}`,
          <BgColorsOutlined />,
          t(name === 'light' ? 'palette.toLight' : name === 'dark' ? 'palette.toDark' : 'palette.toSystem'),
          () => setTheme(name),
        ),
      ),
  ]
}
