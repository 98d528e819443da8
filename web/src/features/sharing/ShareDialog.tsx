import { keepPreviousData } from '@tanstack/react-query'
import { App, Button, Checkbox, Form, Input, Modal, Segmented, Select } from 'antd'
import { lazy, Suspense, useState } from 'react'
import { Link } from 'react-router'
import { at, useRefresh } from '@/features/record/data'
import { type Kind, pathOf } from '@/features/record/kinds'
import { api, asProblem, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { useLive } from '@/shared/live'
import { ErrorBox, Waiting } from '@/shared/states'
import { useSharedTexts } from '@/shared/texts'
import { useDebounced } from '@/shared/useDebounced'
import styles from './Sharing.module.css'
import { useSharingTexts } from './texts'

const DayPicker = lazy(() => import('@/features/crm/DayPicker'))

type Share = Schemas['ShareOut']
type Right = Share['right']

// The same route for each kind, each with an address of its own: typed as that of accounts.
const sharesOf = (kind: Kind) =>
  `/api/records/${kind}/{${kind}}/shares` as '/api/records/account/{account}/shares'

interface Asked {
  to: string
  right: Right
  ends_on?: string | null
  reason?: string
  below?: boolean
}

interface Props {
  kind: Kind
  id: number
  name: string
  onClose: () => void
}

/** Who has a record by a share now; for who may, also to share it, and to take that back. */
export default function ShareDialog({ kind, id, name, onClose }: Props) {
  const t = useSharingTexts()
  const shared = useSharedTexts()
  const params = at(kind, id)
  const query = api.useQuery('get', sharesOf(kind), { params })
  useLive([[kind, id]], [['get', sharesOf(kind), { params }]], 1_000)
  const shares = query.data
  return (
    <Modal
      open
      width={560}
      title={t('title', { name })}
      footer={<Button onClick={onClose}>{shared('close')}</Button>}
      onCancel={onClose}
    >
      {query.error && !shares && <ErrorBox error={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <Waiting />}
      {shares && (
        <>
          <h3 className={styles.who}>{t('who')}</h3>
          {shares.items.length === 0 && <p className={styles.none}>{t('nobody')}</p>}
          {shares.items.length > 0 && (
            <ul className={styles.list}>
              {shares.items.map((share) => (
                <Row key={share.id} kind={kind} id={id} share={share} mayShare={shares.may_share} />
              ))}
            </ul>
          )}
          {shares.may_share ? (
            <ShareForm kind={kind} id={id} />
          ) : (
            <p className={styles.faint}>{t('notYours')}</p>
          )}
        </>
      )}
    </Modal>
  )
}

/** Share a record, or say otherwise how somebody has it, and fetch again what shows it. */
function useShare(kind: Kind, id: number) {
  const named = useNamed()
  const { message } = App.useApp()
  const refresh = useRefresh()
  const queries = { params: at(kind, id) }
  const query = api.useQuery('get', sharesOf(kind), queries)
  const settled = () => {
    void query.refetch()
    refresh(kind, id)
  }
  const failed = (error: unknown) => void message.error(named(asProblem(error)))
  return { settled, failed }
}

function Row({ kind, id, share, mayShare }: { kind: Kind; id: number; share: Share; mayShare: boolean }) {
  const t = useSharingTexts()
  const f = useFormat()
  const { message } = App.useApp()
  const { settled, failed } = useShare(kind, id)
  const who = share.user?.name ?? share.team?.name ?? ''
  const end = api.useMutation('delete', '/api/shares/{share}', {
    onSuccess: () => void message.success(t('ended', { name: who })),
    onError: failed,
    onSettled: settled,
  })
  const change = api.useMutation('post', sharesOf(kind), { onError: failed, onSettled: settled })
  const beside = [
    t('told', { who: share.shared_by || t('foresail'), day: f.day(share.shared_at) }),
    share.ends_on ? t('untilDay', { day: f.day(share.ends_on) }) : t('lasting'),
    share.below && !share.through && t('withBelow'),
  ].filter(Boolean)
  return (
    <li className={styles.row}>
      <div className={styles.person}>
        {who} <span className={styles.faint}>{share.of}</span>
        <div className={styles.faint}>{beside.join(' · ')}</div>
        {share.through && (
          <div className={styles.faint}>
            <Link to={pathOf('account', share.through.id)}>{t('through', { name: share.through.name })}</Link>
          </div>
        )}
        {share.reason && <div className={styles.reason}>{share.reason}</div>}
      </div>
      <span className={styles.controls}>
        {mayShare && !share.through ? (
          <Select<Right>
            size="small"
            variant="borderless"
            aria-label={t('rightOf', { name: who })}
            value={share.right}
            loading={change.isPending}
            options={(['see', 'change'] as const).map((right) => ({
              value: right,
              label: t(`right.${right}`),
            }))}
            onChange={(right) =>
              change.mutate({
                params: at(kind, id),
                body: {
                  user: share.user?.id ?? null,
                  team: share.team?.id ?? null,
                  right,
                  below: share.below,
                  ends_on: share.ends_on,
                  reason: share.reason,
                },
              })
            }
          />
        ) : (
          <span>{t(`right.${share.right}`)}</span>
        )}
        {share.may_end && (
          <Button
            type="text"
            size="small"
            loading={end.isPending}
            aria-label={t('endOf', { name: who })}
            onClick={() => end.mutate({ params: { path: { share: share.id } } })}
          >
            {t('end')}
          </Button>
        )}
      </span>
    </li>
  )
}

function ShareForm({ kind, id }: { kind: Kind; id: number }) {
  const t = useSharingTexts()
  const { message } = App.useApp()
  const { settled, failed } = useShare(kind, id)
  const [form] = Form.useForm<Asked>()
  const [name, setName] = useState('')
  const share = api.useMutation('post', sharesOf(kind), {
    onSuccess: () => {
      void message.success(t('done', { name }))
      form.resetFields()
    },
    onError: failed,
    onSettled: settled,
  })
  return (
    <Form<Asked>
      form={form}
      layout="vertical"
      requiredMark={false}
      initialValues={{ right: 'see', below: false }}
      onFinish={({ to, right, ends_on, reason, below }) => {
        const key = Number(to.slice(1))
        share.mutate({
          params: at(kind, id),
          body: {
            user: to.startsWith('u') ? key : null,
            team: to.startsWith('t') ? key : null,
            right,
            below: below ?? false,
            ends_on: ends_on ?? null,
            reason: reason?.trim() ?? '',
          },
        })
      }}
    >
      <Form.Item name="to" label={t('with')} rules={[{ required: true, message: t('withNeeded') }]}>
        <RecipientSelect onName={setName} />
      </Form.Item>
      <div className={styles.pair}>
        <Form.Item name="right" label={t('rightLabel')}>
          <Segmented<Right>
            block
            aria-label={t('rightLabel')}
            options={[
              { value: 'see', label: t('right.see') },
              { value: 'change', label: t('right.change') },
            ]}
          />
        </Form.Item>
        <Form.Item name="ends_on" label={t('until')}>
          <Day />
        </Form.Item>
      </div>
      <Form.Item name="reason" label={t('reason')}>
        <Input maxLength={300} placeholder={t('reasonHint')} />
      </Form.Item>
      {kind === 'account' && (
        <div className={styles.below}>
          <Form.Item name="below" valuePropName="checked" noStyle>
            <Checkbox>{t('below')}</Checkbox>
          </Form.Item>
          <div className={styles.faint}>{t('belowWhy')}</div>
        </div>
      )}
      <p className={styles.none}>{t('bounds')}</p>
      <Button type="primary" htmlType="submit" loading={share.isPending}>
        {t('share')}
      </Button>
    </Form>
  )
}

/** The last day; what the form gives and takes. */
function Day({ value, onChange }: { value?: string | null; onChange?: (day: string | null) => void }) {
  const t = useSharingTexts()
  return (
    <Suspense fallback={<Input disabled placeholder={t('untilHint')} />}>
      <DayPicker
        value={value ?? null}
        onChange={(day) => onChange?.(day)}
        label={t('until')}
        placeholder={t('untilHint')}
      />
    </Suspense>
  )
}

/** A colleague (u12) or a team (t3), by a part of the name: asks the server, which may know thousands. */
function RecipientSelect({
  value,
  onChange,
  onName,
  id,
}: {
  value?: string
  onChange?: (to: string) => void
  onName: (name: string) => void
  id?: string
}) {
  const t = useSharingTexts()
  const [q, setQ] = useState('')
  const asked = useDebounced(q.trim(), 250)
  const found = api.useQuery(
    'get',
    '/api/shares/recipients',
    { params: { query: { q: asked } } },
    { placeholderData: keepPreviousData },
  )
  const options = (['people', 'teams'] as const)
    .map((group) => ({
      label: t(group),
      title: t(group),
      options: (found.data?.[group] ?? []).map((each) => ({
        value: `${group === 'people' ? 'u' : 't'}${each.id}`,
        label: each.name,
        note: each.of,
      })),
    }))
    .filter((group) => group.options.length > 0)
  return (
    <Select<string, { value: string; label: string; note: string }>
      id={id}
      aria-label={t('with')}
      placeholder={t('withHint')}
      showSearch={{ filterOption: false, onSearch: setQ, searchValue: q }}
      loading={found.isFetching}
      value={value}
      options={options as never}
      optionRender={({ data }) => (
        <span className={styles.option}>
          {data.label}
          <span>{data.note}</span>
        </span>
      )}
      notFoundContent={found.isPending ? null : t('noneFound')}
      onChange={(to, option) => {
        setQ('')
        onName(String((option as { label?: string }).label ?? ''))
        onChange?.(to)
      }}
    />
  )
}
