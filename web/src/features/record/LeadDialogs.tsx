import { App, Checkbox, Form, Input, Modal, Radio, Select } from 'antd'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { readAmount } from '@/features/crm/amount'
import { useDealTexts } from '@/features/crm/texts'
import { api, asProblem, type Schemas } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { ErrorBox } from '@/shared/states'
import { useSharedTexts } from '@/shared/texts'
import { type RecordOut, useRefresh } from './data'
import { RecordSelect } from './Editor'
import { pathOf } from './kinds'
import styles from './Record.module.css'
import { useRecordTexts } from './texts'
import { isReference, type Reference } from './values'

type Like = Schemas['LikeOut']
type Role = NonNullable<Schemas['ConvertLead']['role']>
const ROLES: Role[] = ['economic_buyer', 'champion', 'technical', 'user', 'blocker']

const textOf = (record: RecordOut, key: string) => {
  const value = record.values[key]
  return typeof value === 'string' ? value : ''
}

/** A lead becomes an account, a contact, and if wanted a deal. What is there already comes first. */
export function ConvertDialog({ lead, onClose }: { lead: RecordOut; onClose: () => void }) {
  const t = useRecordTexts()
  const query = api.useQuery('get', '/api/leads/{lead}/accounts-like', {
    params: { path: { lead: lead.id } },
  })
  if (query.data) return <ConvertForm lead={lead} alike={query.data} onClose={onClose} />
  if (!query.error) return null
  return (
    <Modal open title={t('convert.title', { name: lead.title })} footer={null} onCancel={onClose}>
      <ErrorBox error={query.error} retry={() => void query.refetch()} />
    </Modal>
  )
}

function ConvertForm({ lead, alike, onClose }: { lead: RecordOut; alike: Like[]; onClose: () => void }) {
  const t = useRecordTexts()
  const tDeal = useDealTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const { message } = App.useApp()
  const navigate = useNavigate()
  const refresh = useRefresh()
  const first = alike[0]
  // 'new', 'other', or the key of one that is alike
  const [into, setInto] = useState<string>(first ? String(first.id) : 'new')
  const [company, setCompany] = useState(textOf(lead, 'company'))
  const [other, setOther] = useState<Reference | null>(null)
  const [person, setPerson] = useState<number | null>(first?.contacts[0]?.id ?? null)
  const [withDeal, setWithDeal] = useState(true)
  const [name, setName] = useState('')
  const [amount, setAmount] = useState('')
  const [role, setRole] = useState<Role | null>(null)
  const [chosenPipeline, setPipeline] = useState<number | null>(null)
  const [tried, setTried] = useState(false)
  const pipelines = api.useQuery('get', '/api/pipelines', {}, { staleTime: 10 * 60_000 })
  const line = isReference(lead.values.line) ? lead.values.line.id : 0
  const pipeline =
    chosenPipeline ??
    (pipelines.data?.find((each) => each.line.id === line) ?? pipelines.data?.[0])?.id ??
    null
  const like = alike.find(({ id }) => String(id) === into)
  const account = like?.id ?? (into === 'other' ? other?.id : undefined)
  const wrongAmount = amount.trim() !== '' && readAmount(amount) === null
  const ready =
    (into === 'new' ? company.trim() !== '' : account !== undefined) &&
    (!withDeal || (name.trim() !== '' && pipeline !== null && !wrongAmount))
  const convert = api.useMutation('post', '/api/leads/{lead}/convert', {
    onSuccess: (made) => {
      refresh('lead', lead.id)
      refresh('account', made.account.id)
      message.success(t('convert.done'))
      onClose()
      void navigate(made.deal ? pathOf('deal', made.deal.id) : pathOf('account', made.account.id))
    },
  })
  const send = () => {
    setTried(true)
    if (!ready) return
    convert.mutate({
      params: { path: { lead: lead.id } },
      body: {
        account: account ?? null,
        account_values: account === undefined ? { name: company.trim() } : {},
        contact: like ? person : null,
        contact_values: {},
        pipeline: withDeal ? pipeline : null,
        deal_values: withDeal
          ? { name: name.trim(), ...(amount.trim() && { amount: readAmount(amount) }) }
          : {},
        role: withDeal ? role : null,
      },
    })
  }
  const help = (wrong: boolean, text: string) =>
    tried && wrong ? ({ validateStatus: 'error', help: text } as const) : {}
  return (
    <Modal
      open
      title={t('convert.title', { name: lead.title })}
      okText={t('convert.ok')}
      cancelText={shared('cancel')}
      confirmLoading={convert.isPending}
      width={560}
      onOk={send}
      onCancel={onClose}
    >
      <Form layout="vertical" requiredMark={false}>
        <h3 className={styles.formHead}>{t('convert.account')}</h3>
        {alike.length > 0 && <p className={styles.lead}>{t('convert.alike')}</p>}
        <Radio.Group
          className={styles.radios}
          aria-label={t('convert.account')}
          value={into}
          onChange={(event) => {
            const chosen = String(event.target.value)
            setInto(chosen)
            setPerson(alike.find(({ id }) => String(id) === chosen)?.contacts[0]?.id ?? null)
          }}
        >
          {alike.map((each) => (
            <Radio key={each.id} value={String(each.id)}>
              {each.name}
              <small className={styles.faint}>
                {[each.domain, each.owner?.name].filter(Boolean).join(' · ')}
              </small>
            </Radio>
          ))}
          <Radio value="other">{t('convert.other')}</Radio>
          <Radio value="new">{t('convert.new')}</Radio>
        </Radio.Group>
        {into === 'new' && (
          <Form.Item
            label={t('convert.company')}
            htmlFor="convert-company"
            {...help(!company.trim(), t('needed', { label: t('convert.company') }))}
          >
            <Input
              id="convert-company"
              value={company}
              maxLength={200}
              onChange={(event) => setCompany(event.target.value)}
            />
          </Form.Item>
        )}
        {into === 'other' && (
          <Form.Item
            label={t('kind.account')}
            htmlFor="convert-other"
            {...help(!other, t('needed', { label: t('kind.account') }))}
          >
            <RecordSelect id="convert-other" kind="account" value={other} onChange={setOther} />
          </Form.Item>
        )}
        <h3 className={styles.formHead}>{t('convert.contact')}</h3>
        {like && like.contacts.length > 0 ? (
          <Radio.Group
            className={styles.radios}
            aria-label={t('convert.contact')}
            value={person ?? 0}
            onChange={(event) => setPerson(Number(event.target.value) || null)}
          >
            {like.contacts.map(({ id, name: known }) => (
              <Radio key={id} value={id}>
                {t('convert.known', { name: known })}
              </Radio>
            ))}
            <Radio value={0}>{t('convert.newContact', { name: lead.title })}</Radio>
          </Radio.Group>
        ) : (
          <p className={styles.lead}>
            {t('convert.becomes', {
              who: [lead.title, textOf(lead, 'title'), textOf(lead, 'phone'), textOf(lead, 'email')]
                .filter(Boolean)
                .join(' · '),
            })}
          </p>
        )}
        <h3 className={styles.formHead}>
          <Checkbox checked={withDeal} onChange={(event) => setWithDeal(event.target.checked)}>
            {t('convert.deal')}
          </Checkbox>
        </h3>
        {withDeal && (
          <div className={styles.twoColumns}>
            <Form.Item
              label={t('convert.dealName')}
              htmlFor="convert-name"
              {...help(!name.trim(), t('needed', { label: t('convert.dealName') }))}
            >
              <Input
                id="convert-name"
                value={name}
                maxLength={200}
                onChange={(event) => setName(event.target.value)}
              />
            </Form.Item>
            <Form.Item
              label={t('convert.amount')}
              htmlFor="convert-amount"
              {...(wrongAmount ? ({ validateStatus: 'error', help: t('amountHint') } as const) : {})}
            >
              <Input
                id="convert-amount"
                value={amount}
                placeholder={t('amountHint')}
                onChange={(event) => setAmount(event.target.value)}
              />
            </Form.Item>
            <Form.Item label={t('convert.pipeline')} htmlFor="convert-pipeline">
              <Select
                id="convert-pipeline"
                value={pipeline}
                loading={pipelines.isLoading}
                options={pipelines.data?.map(({ id, name: label }) => ({ value: id, label }))}
                onChange={setPipeline}
              />
            </Form.Item>
            <Form.Item label={t('convert.role')} htmlFor="convert-role">
              <Select
                id="convert-role"
                allowClear
                value={role}
                options={ROLES.map((value) => ({ value, label: tDeal(`role.${value}`) }))}
                onChange={(value: Role | undefined) => setRole(value ?? null)}
              />
            </Form.Item>
          </div>
        )}
        {convert.error && (
          <p role="alert" className={styles.wrong}>
            {named(asProblem(convert.error))}
          </p>
        )}
      </Form>
    </Modal>
  )
}

/** A lead is given up, with the reason. */
export function DiscardDialog({ lead, onClose }: { lead: RecordOut; onClose: () => void }) {
  const t = useRecordTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const { message } = App.useApp()
  const refresh = useRefresh()
  const [form] = Form.useForm<{ reason: string }>()
  const discard = api.useMutation('post', '/api/leads/{lead}/discard', {
    onSuccess: () => {
      message.success(t('discard.done'))
      onClose()
    },
    onError: (error) => message.error(named(asProblem(error))),
    onSettled: () => refresh('lead', lead.id),
  })
  return (
    <Modal
      open
      title={t('discard.title', { name: lead.title })}
      okText={t('discard.ok')}
      cancelText={shared('cancel')}
      confirmLoading={discard.isPending}
      width={440}
      onOk={form.submit}
      onCancel={onClose}
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        onFinish={({ reason }) =>
          discard.mutate({ params: { path: { lead: lead.id } }, body: { reason: reason.trim() } })
        }
      >
        <Form.Item
          name="reason"
          label={t('discard.reason')}
          rules={[{ required: true, whitespace: true, message: t('discard.needed') }]}
        >
          <Input.TextArea rows={3} maxLength={300} placeholder={t('discard.hint')} />
        </Form.Item>
      </Form>
    </Modal>
  )
}
