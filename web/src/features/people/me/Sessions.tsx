import { useQueryClient } from '@tanstack/react-query'
import { App, Button, Popconfirm, Tag } from 'antd'
import { api, asProblem } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { Loaded } from '@/shared/states'
import { useSharedTexts } from '@/shared/texts'
import { deviceOf } from '../device'
import styles from '../MePage.module.css'
import { usePeopleTexts } from '../texts'

export function Sessions() {
  const t = usePeopleTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const format = useFormat()
  const { message } = App.useApp()
  const queries = useQueryClient()
  const sessions = api.useQuery('get', '/api/me/sessions')
  const told = (word: string) => ({
    onSuccess: () => void message.success(word),
    onError: (error: unknown) => void message.error(named(asProblem(error))),
    onSettled: () => queries.invalidateQueries({ queryKey: ['get', '/api/me/sessions'] }),
  })
  const revoke = api.useMutation('delete', '/api/me/sessions/{session}', told(t('sessions.revoked')))
  const others = api.useMutation('post', '/api/me/sessions/revoke-others', told(t('sessions.othersDone')))
  const nameOf = (agent: string) => {
    const device = deviceOf(agent)
    return device ? t('sessions.on', { ...device }) : t('sessions.unknown')
  }
  return (
    <section className={styles.card} aria-labelledby="sessions">
      <div className={styles.head}>
        <h2 id="sessions">{t('sessions.title')}</h2>
        {sessions.data && sessions.data.length > 1 && (
          <Popconfirm
            title={t('sessions.othersAsk')}
            okText={t('sessions.revoke')}
            cancelText={shared('cancel')}
            onConfirm={() => others.mutate({})}
          >
            <Button loading={others.isPending}>{t('sessions.others')}</Button>
          </Popconfirm>
        )}
      </div>
      <Loaded query={sessions}>
        {(rows) =>
          rows.map((session) => (
            <div key={session.id} className={styles.row}>
              <div>
                <div className={styles.device} title={session.agent}>
                  {nameOf(session.agent)}
                  {session.current && <Tag color="processing">{t('sessions.current')}</Tag>}
                </div>
                <div className={styles.meta}>
                  {session.address} · {t('sessions.seen', { when: format.relative(session.seen_at) })} ·{' '}
                  {t('sessions.since', { when: format.moment(session.created_at) })}
                </div>
              </div>
              {!session.current && (
                <Button
                  type="text"
                  danger
                  aria-label={t('sessions.revokeThat', { device: nameOf(session.agent) })}
                  onClick={() => revoke.mutate({ params: { path: { session: session.id } } })}
                >
                  {t('sessions.revoke')}
                </Button>
              )}
            </div>
          ))
        }
      </Loaded>
    </section>
  )
}
