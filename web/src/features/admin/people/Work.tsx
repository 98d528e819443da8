import { App, Button, Modal, Radio } from 'antd'
import { useState } from 'react'
import { api, asProblem, client, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { may, useMe } from '@/shared/me'
import { useSharedTexts } from '@/shared/texts'
import { PersonSelect } from '../PersonSelect'
import { useAdminTexts } from '../texts'
import { useJoined } from '../words'
import { type Person, useAgain, useSayWhy } from './data'
import own from './People.module.css'

type Holdings = Schemas['HoldingsOut']

/** What somebody holds and to whom it can go; and whether they are here at all. */
export function Work({
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
  const { modal } = App.useApp()
  const { data: me } = useMe()
  const again = useAgain()
  const sayWhy = useSayWhy()
  const [asking, setAsking] = useState<'hand-over' | 'deactivate' | null>(null)
  const { data: held } = api.useQuery('get', '/api/people/{person}/holdings', {
    params: { path: { person: person.id } },
  })
  const what = useHoldings(held)
  const back = api.useMutation('post', '/api/people/{person}/reactivate', {
    onSuccess: async (made) => {
      show(made)
      await again()
    },
    onError: sayWhy,
  })
  const mayHandOver = me !== undefined && (!person.active || may(me, 'assign'))
  const close = () => setAsking(null)
  return (
    <>
      <section className={own.part}>
        <h3>{t('person.work')}</h3>
        <div className={own.work}>
          <span>{held && (what || t('person.nothing'))}</span>
          {what && mayHandOver && (
            <Button size="small" onClick={() => setAsking('hand-over')}>
              {t('person.handOver')}
            </Button>
          )}
        </div>
        {held && held.ended > 0 && (
          <p className={own.hint}>{t('person.ended', { count: held.ended, number: held.ended })}</p>
        )}
        {what && !mayHandOver && <p className={own.hint}>{t('person.handOverLeft')}</p>}
      </section>
      {!mine && (
        <section className={own.part}>
          <h3>{t('person.account')}</h3>
          {person.active ? (
            <Button danger onClick={() => setAsking('deactivate')}>
              {t('person.deactivate')}
            </Button>
          ) : (
            <Button
              onClick={() =>
                void modal.confirm({
                  title: t('person.reactivate'),
                  content: t('person.reactivateAsk'),
                  okText: t('person.reactivate'),
                  cancelText: shared('cancel'),
                  icon: null,
                  onOk: () =>
                    back.mutateAsync({ params: { path: { person: person.id } } }).catch(() => undefined),
                })
              }
            >
              {t('person.reactivate')}
            </Button>
          )}
        </section>
      )}
      {asking === 'hand-over' && <HandOver person={person} what={what} onClose={close} />}
      {asking === 'deactivate' && <Deactivate person={person} what={what} onClose={close} />}
    </>
  )
}

/** "3 个在途商机、2 个客户"; empty where there is nothing. */
function useHoldings(held: Holdings | undefined): string {
  const t = useAdminTexts()
  const format = useFormat()
  const joined = useJoined()
  if (!held) return ''
  return joined(
    (['deals', 'accounts', 'leads', 'tasks'] as const)
      .filter((kind) => held[kind] > 0)
      .map((kind) => t(`person.${kind}`, { count: held[kind], number: format.number(held[kind]) })),
  )
}

function useHandedOver(): (done: Schemas['HandedOverOut']) => string {
  const t = useAdminTexts()
  return ({ deals, accounts, leads, tasks, returned }) =>
    t('person.handedOver', { deals, accounts, leads, tasks }) +
    (returned ? t('person.returned', { count: returned, number: returned }) : '')
}

function HandOver({ person, what, onClose }: { person: Person; what: string; onClose: () => void }) {
  const t = useAdminTexts()
  const shared = useSharedTexts()
  const { message } = App.useApp()
  const again = useAgain()
  const sayWhy = useSayWhy()
  const said = useHandedOver()
  const [to, setTo] = useState<number>()
  const give = api.useMutation('post', '/api/people/{person}/hand-over', {
    onSuccess: async (done) => {
      onClose()
      void message.success(said(done))
      await again()
    },
    onError: sayWhy,
  })
  return (
    <Modal
      open
      title={t('person.handOver')}
      okText={t('person.handOver')}
      cancelText={shared('cancel')}
      okButtonProps={{ disabled: !to }}
      confirmLoading={give.isPending}
      width={440}
      onCancel={onClose}
      onOk={() => to && give.mutate({ params: { path: { person: person.id } }, body: { to } })}
    >
      <p>{t('person.leaves', { what })}</p>
      <PersonSelect
        className={own.successor}
        label={t('person.handOverTo')}
        placeholder={t('person.handOverTo')}
        without={person.id}
        value={to}
        onChange={setTo}
      />
      <p className={own.hint}>{t('person.handOverNote')}</p>
    </Modal>
  )
}

/** First the account is closed, then its records go: somebody who must go is out whatever becomes of the rest. */
function Deactivate({ person, what, onClose }: { person: Person; what: string; onClose: () => void }) {
  const t = useAdminTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const { message } = App.useApp()
  const again = useAgain()
  const sayWhy = useSayWhy()
  const said = useHandedOver()
  const [give, setGive] = useState(what !== '')
  const [to, setTo] = useState<number>()
  const [busy, setBusy] = useState(false)
  const params = { params: { path: { person: person.id } } }
  async function run() {
    setBusy(true)
    try {
      await client.POST('/api/people/{person}/deactivate', params)
    } catch (error) {
      sayWhy(error)
      setBusy(false)
      return
    }
    const done = [t('person.deactivated', { name: person.name })]
    try {
      if (give && to) {
        const { data } = await client.POST('/api/people/{person}/hand-over', { ...params, body: { to } })
        if (data) done.push(said(data))
      }
      void message.success(done.join(' · '))
    } catch (error) {
      void message.warning(t('person.notHandedOver', { why: named(asProblem(error)) }), 8)
    }
    onClose()
    await again()
  }
  return (
    <Modal
      open
      title={t('person.deactivateTitle', { name: person.name })}
      okText={t('person.deactivate')}
      cancelText={shared('cancel')}
      okButtonProps={{ danger: true, type: 'primary', disabled: give && !to }}
      confirmLoading={busy}
      width={480}
      onCancel={onClose}
      onOk={() => void run()}
    >
      <p className={own.text}>{t('person.deactivateWhat')}</p>
      {what && (
        <>
          <p className={own.text}>{t('person.leaves', { what })}</p>
          <Radio.Group
            className={own.choice}
            aria-label={t('person.handOver')}
            value={give}
            onChange={(event) => setGive(Boolean(event.target.value))}
          >
            <div>
              <Radio value={true}>{t('person.give')}</Radio>
              {give && (
                <div className={own.nested}>
                  <PersonSelect
                    className={own.successor}
                    label={t('person.handOverTo')}
                    placeholder={t('person.toNeeded')}
                    without={person.id}
                    value={to}
                    onChange={setTo}
                  />
                  <p className={own.hint}>{t('person.handOverNote')}</p>
                </div>
              )}
            </div>
            <div>
              <Radio value={false}>{t('person.keep')}</Radio>
              {!give && <p className={`${own.nested} ${own.hint}`}>{t('person.keepNote')}</p>}
            </div>
          </Radio.Group>
        </>
      )}
    </Modal>
  )
}
