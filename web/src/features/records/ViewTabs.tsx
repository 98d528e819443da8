import { DownOutlined, PushpinFilled, TeamOutlined } from '@ant-design/icons'
import { useQueryClient } from '@tanstack/react-query'
import { App, Button, Dropdown, type MenuProps } from 'antd'
import { lazy, Suspense, useState } from 'react'
import { Link } from 'react-router'
import { asProblem, client, type Schemas } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { useSharedTexts } from '@/shared/texts'
import type { Kind } from './kinds'
import styles from './Records.module.css'
import { differs, type ListState, settingsOf } from './state'
import { useRecordsTexts } from './texts'

const SaveViewModal = lazy(() => import('./SaveViewModal'))

export type View = Schemas['ViewOut']

interface Props {
  kind: Kind
  views: readonly View[]
  state: ListState
  base: ListState
  go: (view: number | undefined) => void
}

/** Saved views as tabs; the one that is open says what differs from it, and can be saved, shared and pinned. */
export function ViewTabs({ kind, views, state, base, go }: Props) {
  const t = useRecordsTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const { message, modal } = App.useApp()
  const queries = useQueryClient()
  const [saving, setSaving] = useState<{ view?: View } | null>(null)
  const open = views.find(({ id }) => id === state.view)
  const changed = differs(state, base)
  const done = () => queries.invalidateQueries({ queryKey: ['get', '/api/views'] })

  async function act(verb: () => Promise<unknown>, told?: string) {
    try {
      await verb()
      await done()
      if (told) message.success(told)
    } catch (error) {
      message.error(named(asProblem(error)))
    }
  }
  const path = (view: View) => ({ params: { path: { view: view.id } } })
  const menu = (view: View): MenuProps['items'] => [
    {
      key: 'pin',
      label: t(view.pinned ? 'view.unpin' : 'view.pin'),
      onClick: () =>
        void act(() =>
          client.PUT('/api/views/{view}/pin', { ...path(view), body: { pinned: !view.pinned } }),
        ),
    },
    ...(view.may_change
      ? [
          { key: 'edit', label: t('view.edit'), onClick: () => setSaving({ view }) },
          {
            key: 'delete',
            danger: true,
            label: t('view.delete'),
            onClick: () =>
              void modal.confirm({
                title: t('view.deleteTitle', { name: view.name }),
                content: t(view.shared === 'nobody' ? 'view.deleteOwn' : 'view.deleteShared'),
                okText: t('view.delete'),
                okButtonProps: { danger: true },
                cancelText: shared('cancel'),
                onOk: () =>
                  act(async () => {
                    await client.DELETE('/api/views/{view}', path(view))
                    go(undefined)
                  }),
              }),
          },
        ]
      : [{ key: 'whose', disabled: true, label: t('view.whose', { name: view.owner.name }) }]),
  ]
  return (
    <div className={styles.views}>
      <nav className={styles.tabs} aria-label={t('view.label')}>
        <Tab current={state.view === undefined} to={kind.path}>
          {t(`usual.${kind.key}`)}
        </Tab>
        {views.map((view) => (
          <span key={view.id} className={styles.tabBox}>
            {view.usable ? (
              <Tab current={view.id === state.view} to={`${kind.path}?view=${view.id}`}>
                {view.shared !== 'nobody' && <TeamOutlined aria-label={t(`view.shared_${view.shared}`)} />}
                {view.name}
                {view.id === state.view && changed && (
                  <span className={styles.dot} title={t('view.changed')}>
                    <span className="visually-hidden">{t('view.changed')}</span>
                  </span>
                )}
                {view.pinned && <PushpinFilled aria-label={t('view.pinned')} className={styles.pin} />}
              </Tab>
            ) : (
              <span className={styles.tabOff} title={t('view.unusable')}>
                {view.name}
                <span className="visually-hidden">{t('view.unusable')}</span>
              </span>
            )}
            {view.id === state.view && (
              <Dropdown menu={{ items: menu(view) }} trigger={['click']}>
                <button
                  type="button"
                  className={styles.tabMenu}
                  aria-label={t('view.menu', { name: view.name })}
                >
                  <DownOutlined aria-hidden />
                </button>
              </Dropdown>
            )}
          </span>
        ))}
      </nav>
      {changed && (
        <span className={styles.save}>
          {open?.may_change && (
            <Button
              size="small"
              type="link"
              onClick={() =>
                void act(
                  () =>
                    client.PATCH('/api/views/{view}', {
                      ...path(open),
                      body: { settings: settingsOf(state) },
                    }),
                  t('view.saved', { name: open.name }),
                )
              }
            >
              {t('view.update')}
            </Button>
          )}
          <Button size="small" type="link" onClick={() => setSaving({})}>
            {t('view.saveAs')}
          </Button>
          <Button size="small" type="text" onClick={() => go(state.view)}>
            {t('view.reset')}
          </Button>
        </span>
      )}
      {saving && (
        <Suspense fallback={null}>
          <SaveViewModal
            kind={kind}
            view={saving.view}
            settings={settingsOf(state)}
            close={() => setSaving(null)}
            saved={async (view) => {
              setSaving(null)
              await done()
              if (!saving.view) go(view.id)
              message.success(t('view.saved', { name: view.name }))
            }}
          />
        </Suspense>
      )}
    </div>
  )
}

function Tab({ current, to, children }: { current: boolean; to: string; children: React.ReactNode }) {
  return (
    <Link to={to} className={styles.tab} aria-current={current ? 'page' : undefined}>
      {children}
    </Link>
  )
}
