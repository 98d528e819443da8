import { App, Button, Input, Modal, Table } from 'antd'
import { useState } from 'react'
import { api } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useMe } from '@/shared/me'
import { Empty } from '@/shared/states'
import { type Boundary, type Collecting, useAfter } from './data'
import styles from './Governance.module.css'
import { Group } from './Group'
import { Propose } from './Propose'
import { Rules } from './Rules'
import { useGovernanceTexts } from './texts'

/** What is in force, what waits to be decided, what was before, and who decides. */
export function BoundaryTab({ collecting }: { collecting: Collecting }) {
  const t = useGovernanceTexts()
  const format = useFormat()
  const { data: me } = useMe()
  const [proposing, setProposing] = useState(false)
  const inForce = collecting.boundaries.find(({ in_force }) => in_force)
  const waiting = collecting.boundaries.find(({ status }) => status === 'proposed')
  const earlier = collecting.boundaries.filter((each) => each !== inForce && each !== waiting)
  const mayPropose = me && (me.scopes.configure === 'all' || me.scopes.administer === 'all')
  const propose = mayPropose && !waiting && (
    <Button type="primary" onClick={() => setProposing(true)}>
      {t('boundary.propose')}
    </Button>
  )
  return (
    <>
      {waiting && <Waiting boundary={waiting} inForce={inForce} collecting={collecting} />}
      <section className={styles.part} aria-labelledby="in-force">
        <div className={styles.head}>
          <h2 id="in-force">
            {inForce ? t('boundary.inForce', { version: inForce.version }) : t('tab.boundary')}
          </h2>
          {inForce && (
            <span className={styles.faint}>
              {t('boundary.approved', {
                name: inForce.decided_by?.name,
                at: format.moment(inForce.decided_at),
              })}
            </span>
          )}
          {inForce && <div className={styles.actions}>{propose}</div>}
        </div>
        {inForce ? (
          <Rules rules={inForce.rules} collecting={collecting} />
        ) : (
          <Empty why={t('boundary.none')} action={propose} />
        )}
      </section>
      <Group collecting={collecting} />
      {earlier.length > 0 && (
        <section className={styles.part} aria-labelledby="earlier">
          <h2 id="earlier">{t('boundary.history')}</h2>
          <Table<Boundary>
            rowKey="id"
            size="small"
            pagination={false}
            scroll={{ x: 'max-content' }}
            dataSource={earlier}
            expandable={{
              expandedRowRender: (one) => <Rules rules={one.rules} collecting={collecting} />,
            }}
            columns={[
              { title: t('boundary.version'), dataIndex: 'version' },
              {
                title: t('boundary.status'),
                key: 'status',
                render: (_, { status }) => t(`boundary.state.${status}`),
              },
              { title: t('boundary.reason'), key: 'reason', render: (_, one) => one.note || one.reason },
              {
                title: t('boundary.decided'),
                key: 'decided',
                render: (_, one) => `${one.decided_by?.name ?? ''} ${format.moment(one.decided_at)}`,
              },
            ]}
          />
        </section>
      )}
      {proposing && (
        <Propose collecting={collecting} from={inForce?.rules ?? []} close={() => setProposing(false)} />
      )}
    </>
  )
}

function Waiting({
  boundary,
  inForce,
  collecting,
}: {
  boundary: Boundary
  inForce: Boundary | undefined
  collecting: Collecting
}) {
  const t = useGovernanceTexts()
  const format = useFormat()
  const { data: me } = useMe()
  const { fail, say, again } = useAfter()
  const [rejecting, setRejecting] = useState(false)
  const own = boundary.proposed_by.id === me?.id
  const path = { params: { path: { boundary: boundary.id } } }
  const decide = api.useMutation('post', '/api/collecting/boundaries/{boundary}/decide', {
    onSuccess: (made) =>
      say(t(made.status === 'approved' ? 'boundary.done.approved' : 'boundary.done.rejected')),
    onError: fail,
    onSettled: again,
  })
  const withdraw = api.useMutation('post', '/api/collecting/boundaries/{boundary}/withdraw', {
    onSuccess: () => say(t('boundary.done.withdrawn')),
    onError: fail,
    onSettled: again,
  })
  const why = own
    ? t('boundary.own')
    : collecting.guardians.length === 0
      ? t('boundary.noGroup')
      : !collecting.may_decide && t('boundary.notMember')
  return (
    <section className={`${styles.part} ${styles.waiting}`} aria-labelledby="waiting">
      <div className={styles.head}>
        <h2 id="waiting">{t('boundary.waiting', { version: boundary.version })}</h2>
        <span className={styles.faint}>
          {t('boundary.by', { name: boundary.proposed_by.name, at: format.moment(boundary.proposed_at) })}
        </span>
        <div className={styles.actions}>
          {own && (
            <Button loading={withdraw.isPending} onClick={() => withdraw.mutate(path)}>
              {t('boundary.withdraw')}
            </Button>
          )}
          {!own && collecting.may_decide && (
            <>
              <Button onClick={() => setRejecting(true)}>{t('boundary.reject')}</Button>
              <Button
                type="primary"
                loading={decide.isPending}
                onClick={() => decide.mutate({ ...path, body: { approved: true, note: '' } })}
              >
                {t('boundary.approve')}
              </Button>
            </>
          )}
        </div>
      </div>
      <p>{boundary.reason}</p>
      <Rules rules={boundary.rules} collecting={collecting} before={inForce?.rules ?? []} />
      {why && <p className={styles.faint}>{why}</p>}
      {rejecting && (
        <Reject
          close={() => setRejecting(false)}
          reject={(note) => decide.mutate({ ...path, body: { approved: false, note } })}
        />
      )}
    </section>
  )
}

function Reject({ close, reject }: { close: () => void; reject: (note: string) => void }) {
  const t = useGovernanceTexts()
  const { message } = App.useApp()
  const [note, setNote] = useState('')
  return (
    <Modal
      open
      title={t('boundary.reject')}
      okText={t('boundary.reject')}
      cancelText={t('form.cancel')}
      onCancel={close}
      onOk={() => {
        if (!note.trim()) return void message.error(t('boundary.rejectNeeded'))
        reject(note)
        close()
      }}
    >
      <Input.TextArea
        autoFocus
        rows={3}
        maxLength={1000}
        aria-label={t('boundary.rejectWhy')}
        placeholder={t('boundary.rejectWhy')}
        value={note}
        onChange={({ target }) => setNote(target.value)}
      />
    </Modal>
  )
}
