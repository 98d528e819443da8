import { App, Form, Input, Modal, Radio } from 'antd'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { api, asProblem, client, type Schemas } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { useSharedTexts } from '@/shared/texts'
import { type RecordOut, useRefresh } from './data'
import { RecordSelect } from './Editor'
import { pathOf } from './kinds'
import styles from './Record.module.css'
import { useRecordTexts } from './texts'
import { useUndoable } from './undo'
import { isReference, type Reference } from './values'

type Reason = Schemas['LeftIn']['reason']
const REASONS: Reason[] = ['told', 'bounce', 'title_change', 'silence']

/** Note that a contact left, and how that is known. */
export function LeftDialog({ contact, onClose }: { contact: RecordOut; onClose: () => void }) {
  const t = useRecordTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const { message } = App.useApp()
  const refresh = useRefresh()
  const undoable = useUndoable()
  const [reason, setReason] = useState<Reason>('told')
  const params = { path: { contact: contact.id } }
  const left = api.useMutation('post', '/api/contacts/{contact}/left', {
    onSuccess: () => {
      undoable(t('left.done', { name: contact.title }), async () => {
        await client.POST('/api/contacts/{contact}/stays', { params })
        refresh('contact', contact.id)
      })
      onClose()
    },
    onError: (error) => message.error(named(asProblem(error))),
    onSettled: () => refresh('contact', contact.id),
  })
  return (
    <Modal
      open
      title={t('left.title', { name: contact.title })}
      okText={t('left.ok')}
      cancelText={shared('cancel')}
      confirmLoading={left.isPending}
      width={440}
      onOk={() => left.mutate({ params, body: { reason } })}
      onCancel={onClose}
    >
      <p className={styles.lead}>{t('left.lead')}</p>
      <Radio.Group
        className={styles.radios}
        aria-label={t('left.how')}
        value={reason}
        onChange={(event) => setReason(event.target.value as Reason)}
      >
        {REASONS.map((each) => (
          <Radio key={each} value={each}>
            {t(`left.reason.${each}`)}
          </Radio>
        ))}
      </Radio.Group>
    </Modal>
  )
}

/** The same person at another company: one contact more, which points back to this one. */
export function EmployerDialog({ contact, onClose }: { contact: RecordOut; onClose: () => void }) {
  const t = useRecordTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const { message } = App.useApp()
  const navigate = useNavigate()
  const refresh = useRefresh()
  const phone = contact.values.phone
  const [fresh, setFresh] = useState(false)
  const [account, setAccount] = useState<Reference | null>(null)
  const [company, setCompany] = useState('')
  const [values, setValues] = useState<Record<'title' | 'phone' | 'email', string>>({
    title: '',
    phone: typeof phone === 'string' ? phone : '',
    email: '',
  })
  const [tried, setTried] = useState(false)
  const old = isReference(contact.values.account) ? contact.values.account : null
  const missing = fresh ? !company.trim() : !account
  const add = api.useMutation('post', '/api/contacts/{contact}/new-employer', {
    onSuccess: (made) => {
      refresh('contact', contact.id)
      refresh('contact', made.id)
      message.success(t('employer.done', { name: made.title }))
      onClose()
      void navigate(pathOf('contact', made.id))
    },
  })
  const send = () => {
    setTried(true)
    if (missing) return
    add.mutate({
      params: { path: { contact: contact.id } },
      body: {
        account: fresh ? null : (account?.id ?? null),
        account_values: fresh ? { name: company.trim() } : {},
        values,
      },
    })
  }
  return (
    <Modal
      open
      title={t('employer.title', { name: contact.title })}
      okText={t('employer.ok')}
      cancelText={shared('cancel')}
      confirmLoading={add.isPending}
      width={480}
      onOk={send}
      onCancel={onClose}
    >
      <p className={styles.lead}>
        {t(contact.values.left_at ? 'employer.lead' : 'employer.leadLeaves', { account: old?.name ?? '' })}
      </p>
      <Form layout="vertical" requiredMark={false}>
        <Radio.Group
          className={styles.radios}
          aria-label={t('employer.where')}
          value={fresh}
          onChange={(event) => setFresh(Boolean(event.target.value))}
        >
          <Radio value={false}>{t('employer.known')}</Radio>
          <Radio value>{t('employer.new')}</Radio>
        </Radio.Group>
        <Form.Item
          label={t(fresh ? 'convert.company' : 'kind.account')}
          htmlFor="employer"
          {...(tried && missing
            ? ({ validateStatus: 'error', help: t('needed', { label: t('kind.account') }) } as const)
            : {})}
        >
          {fresh ? (
            <Input
              id="employer"
              value={company}
              maxLength={200}
              onChange={(event) => setCompany(event.target.value)}
            />
          ) : (
            <RecordSelect id="employer" kind="account" value={account} onChange={setAccount} />
          )}
        </Form.Item>
        <div className={styles.twoColumns}>
          {(['title', 'phone', 'email'] as const).map((key) => (
            <Form.Item
              key={key}
              label={t(key === 'title' ? 'employer.jobTitle' : `employer.${key}`)}
              htmlFor={`employer-${key}`}
            >
              <Input
                id={`employer-${key}`}
                value={values[key]}
                onChange={(event) => setValues((now) => ({ ...now, [key]: event.target.value }))}
              />
            </Form.Item>
          ))}
        </div>
        {add.error && (
          <p role="alert" className={styles.wrong}>
            {named(asProblem(add.error))}
          </p>
        )}
      </Form>
    </Modal>
  )
}
