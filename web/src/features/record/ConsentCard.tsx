import { Alert, App, Button, Form, Input, Modal, Radio, Select, Skeleton } from 'antd'
import { lazy, Suspense, useState } from 'react'
import { Chip } from '@/features/crm/Chip'
import { api, asProblem, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { Loaded } from '@/shared/states'
import { useSharedTexts } from '@/shared/texts'
import { type RecordOut, useRefresh } from './data'
import styles from './Record.module.css'
import { useRecordTexts } from './texts'

const DayPicker = lazy(() => import('@/features/crm/DayPicker'))

type Consent = Schemas['ContactConsentOut']
type How = Schemas['ContactConsentIn']['how']
const HOWS: How[] = ['form', 'paper', 'email', 'phone', 'meeting']
const CHIPS = { given: 'ok', withdrawn: 'bad', none: 'plain' } as const
const PROOF = 500

/** What a contact agreed to, and who may change them notes what they say. */
export default function ConsentCard({ record }: { record: RecordOut }) {
  const t = useRecordTexts()
  const [noting, setNoting] = useState<{ consent: Consent; given: boolean }>()
  const query = api.useQuery('get', '/api/contacts/{contact}/consents', {
    params: { path: { contact: record.id } },
  })
  return (
    <section className={styles.card} aria-labelledby={`consent-${record.id}`}>
      <header className={styles.cardHead}>
        <h2 id={`consent-${record.id}`}>{t('consent.title')}</h2>
      </header>
      <Loaded query={query} skeleton={<Skeleton active title={false} paragraph={{ rows: 2 }} />}>
        {({ consents, may_note }) => (
          <ul className={styles.consents}>
            {consents.map((each) => (
              <Row
                key={each.purpose}
                consent={each}
                note={may_note ? (given) => setNoting({ consent: each, given }) : undefined}
              />
            ))}
          </ul>
        )}
      </Loaded>
      {noting && <NoteDialog record={record} {...noting} onClose={() => setNoting(undefined)} />}
    </section>
  )
}

function Row({ consent, note }: { consent: Consent; note?: (given: boolean) => void }) {
  const t = useRecordTexts()
  const f = useFormat()
  const named = useNamed()
  const { standing, at, wording, how, proof, source, noted_by } = consent
  const told = [
    at && f.day(at),
    standing === 'given' && wording !== null && t('consent.version', { version: wording }),
    how && t(`consent.how.${how as How}`, { defaultValue: '' }),
    source === 'merge' && t('consent.merged'),
    noted_by && t('consent.by', { name: noted_by }),
  ].filter(Boolean)
  return (
    <li>
      <div className={styles.consentHead}>
        <span>{named(consent)}</span>
        <Chip kind={CHIPS[standing]}>{t(`consent.standing.${standing}`)}</Chip>
        {note && (
          <span className={styles.consentActions}>
            {standing !== 'given' && (
              <Button size="small" type="text" onClick={() => note(true)}>
                {t('consent.give')}
              </Button>
            )}
            {standing !== 'withdrawn' && (
              <Button size="small" type="text" onClick={() => note(false)}>
                {t('consent.withdraw')}
              </Button>
            )}
          </span>
        )}
      </div>
      {told.length > 0 && <p className={styles.consentTold}>{told.join(' · ')}</p>}
      {proof && <p className={styles.consentTold}>{proof}</p>}
    </li>
  )
}

function NoteDialog({
  record,
  consent,
  given,
  onClose,
}: {
  record: RecordOut
  consent: Consent
  given: boolean
  onClose: () => void
}) {
  const t = useRecordTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const { message } = App.useApp()
  const refresh = useRefresh()
  const [wording, setWording] = useState(consent.wordings[0]?.id)
  const [how, setHow] = useState<How>('form')
  const [on, setOn] = useState<string | null>(null)
  const [proof, setProof] = useState('')
  const [tried, setTried] = useState(false)
  const path = { contact: record.id }
  const erasing = api.useQuery(
    'get',
    '/api/contacts/{contact}/consents/erasing',
    { params: { path, query: { purpose: consent.purpose } } },
    { enabled: !given, gcTime: 0 },
  )
  const send = api.useMutation('post', '/api/contacts/{contact}/consents', {
    onSuccess: () => {
      message.success(t(given ? 'consent.given' : 'consent.withdrawn'))
      onClose()
    },
    onSettled: () => refresh('contact', record.id),
  })
  const asked = consent.wordings.find(({ id }) => id === wording)
  const lacking = !proof.trim()
  const shown = { name: record.title, purpose: named(consent) }
  return (
    <Modal
      open
      title={t(given ? 'consent.giveTitle' : 'consent.withdrawTitle', shown)}
      okText={t(given ? 'consent.give' : 'consent.withdrawNow')}
      okButtonProps={{ danger: !given, disabled: given ? !asked : !erasing.data }}
      cancelText={shared('cancel')}
      confirmLoading={send.isPending}
      width={520}
      onOk={() => {
        setTried(true)
        if (lacking) return
        send.mutate({
          params: { path },
          body: {
            purpose: consent.purpose,
            given,
            how,
            proof,
            wording: given ? (wording ?? null) : null,
            on,
          },
        })
      }}
      onCancel={onClose}
    >
      {!given && (
        <Alert
          type="warning"
          showIcon
          className={styles.consentAlert}
          title={erasing.data ? t('consent.erases', erasing.data) : t('consent.counting')}
          description={t('consent.forGood')}
        />
      )}
      {given && !asked && (
        <Alert type="info" showIcon className={styles.consentAlert} title={t('consent.noWording')} />
      )}
      <Form layout="vertical" requiredMark={false}>
        {given && asked && (
          <Form.Item label={t('consent.wording')} htmlFor="consent-wording">
            <Select
              id="consent-wording"
              value={wording}
              options={consent.wordings.map(({ id, version }) => ({
                value: id,
                label: t('consent.version', { version }),
              }))}
              onChange={setWording}
            />
            <p className={styles.consentWording}>{named(asked)}</p>
          </Form.Item>
        )}
        <Form.Item label={t('consent.howSaid')}>
          <Radio.Group
            aria-label={t('consent.howSaid')}
            value={how}
            onChange={({ target }) => setHow(target.value as How)}
          >
            {HOWS.map((each) => (
              <Radio key={each} value={each}>
                {t(`consent.how.${each}`)}
              </Radio>
            ))}
          </Radio.Group>
        </Form.Item>
        <Form.Item label={t('consent.on')}>
          <Suspense fallback={<Input disabled />}>
            <DayPicker value={on} onChange={setOn} label={t('consent.on')} placeholder={t('consent.today')} />
          </Suspense>
        </Form.Item>
        <Form.Item
          label={t('consent.proof')}
          htmlFor="consent-proof"
          extra={t('consent.proofHint')}
          {...(tried && lacking
            ? ({ validateStatus: 'error', help: t('consent.proofNeeded') } as const)
            : {})}
        >
          <Input.TextArea
            id="consent-proof"
            rows={2}
            maxLength={PROOF}
            value={proof}
            onChange={({ target }) => setProof(target.value)}
          />
        </Form.Item>
        {send.error && (
          <p role="alert" className={styles.wrong}>
            {named(asProblem(send.error))}
          </p>
        )}
      </Form>
    </Modal>
  )
}
