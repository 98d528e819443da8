import { App, Form, Input, Modal, Select } from 'antd'
import { useState } from 'react'
import { api } from '@/shared/api'
import { useSharedTexts } from '@/shared/texts'
import type { Deal } from './stages'
import { useDealTexts } from './texts'
import { useRefused, useTakeDeal } from './useDeal'

/** Close a deal as won or lost. It stays closed, so this asks once more. */
export function EndDeal({
  deal,
  outcome,
  onClose,
}: {
  deal: Deal
  outcome: 'won' | 'lost'
  onClose: () => void
}) {
  const t = useDealTexts()
  const shared = useSharedTexts()
  const { message } = App.useApp()
  const [form] = Form.useForm<{ reason: string }>()
  const take = useTakeDeal()
  const refused = useRefused(deal.id)
  const end = api.useMutation('post', '/api/deals/{deal}/end', {
    onSuccess: (ended) => {
      take(ended)
      message.success(t(`end.done_${outcome}`))
      onClose()
    },
    onError: refused,
  })
  return (
    <Modal
      open
      title={t(`end.title_${outcome}`, { name: deal.name })}
      okText={t(`end.${outcome}`)}
      cancelText={shared('cancel')}
      confirmLoading={end.isPending}
      width={440}
      onCancel={onClose}
      onOk={form.submit}
    >
      <p style={{ marginBottom: 12 }}>{t('end.final')}</p>
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        onFinish={({ reason }) =>
          end.mutate({
            params: { path: { deal: deal.id } },
            body: { version: deal.version, outcome: outcome, reason: reason?.trim() ?? '' },
          })
        }
      >
        <Form.Item
          name="reason"
          label={t(`end.reason_${outcome}`)}
          style={{ marginBottom: 28 }}
          rules={[{ required: outcome === 'lost', whitespace: true, message: t('end.reasonNeeded') }]}
        >
          <Input.TextArea rows={3} maxLength={500} placeholder={t(`end.hint_${outcome}`)} />
        </Form.Item>
      </Form>
    </Modal>
  )
}

/** Give the deal to somebody else; it goes with them to their team. */
export function AssignDeal({ deal, onClose }: { deal: Deal; onClose: () => void }) {
  const t = useDealTexts()
  const shared = useSharedTexts()
  const take = useTakeDeal()
  const refused = useRefused(deal.id)
  const users = api.useQuery('get', '/api/users', {})
  const [owner, setOwner] = useState(deal.owner?.id ?? null)
  const assign = api.useMutation('post', '/api/deals/{deal}/assign', {
    onSuccess: (assigned) => {
      take(assigned)
      onClose()
    },
    onError: refused,
  })
  const people = users.data?.filter((user) => user.active) ?? []
  const team = people.find((user) => user.id === owner)?.team ?? deal.team
  return (
    <Modal
      open
      title={t('assign.title')}
      okText={t('assign.ok')}
      cancelText={shared('cancel')}
      confirmLoading={assign.isPending}
      okButtonProps={{ disabled: owner === null || owner === deal.owner?.id }}
      width={400}
      onCancel={onClose}
      onOk={() =>
        assign.mutate({
          params: { path: { deal: deal.id } },
          body: { owner, team: team?.id ?? null },
        })
      }
    >
      <Select
        showSearch={{ optionFilterProp: 'label' }}
        loading={users.isLoading}
        aria-label={t('assign.owner')}
        value={owner}
        onChange={setOwner}
        style={{ width: '100%' }}
        options={people.map((user) => ({
          value: user.id,
          label: user.team ? `${user.name} · ${user.team.name}` : user.name,
        }))}
      />
      <p style={{ marginTop: 8, fontSize: 12 }}>{t('assign.note')}</p>
    </Modal>
  )
}
