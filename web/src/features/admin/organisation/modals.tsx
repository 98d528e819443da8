import { App, Form, Input, Modal, TreeSelect } from 'antd'
import { useState } from 'react'
import { asProblem, client, type Schemas } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { useSharedTexts } from '@/shared/texts'
import { PersonSelect } from '../PersonSelect'
import { useAgain, useSayWhy } from '../people/data'
import { type Organisation, type TeamNode, teamsBelow } from '../teams'
import { useAdminTexts } from '../texts'

type Line = Schemas['LineOut']

/** What somebody wants to add or change. */
export type Asked =
  | { what: 'line'; line?: Line }
  | { what: 'team'; line: Line; parent?: TeamNode | null; team?: TeamNode }

/** Send something; what the server says about the name goes below the name. */
function useSending(onClose: () => void) {
  const t = useAdminTexts()
  const named = useNamed()
  const again = useAgain()
  const sayWhy = useSayWhy()
  const { message } = App.useApp()
  const [busy, setBusy] = useState(false)
  async function send(run: () => Promise<unknown>, refuse: (why: string) => void) {
    setBusy(true)
    try {
      await run()
      onClose()
      void message.success(t('organisation.saved'))
      await again()
    } catch (error) {
      const problem = asProblem(error)
      if (problem.code === 'name_taken' || problem.code === 'name_invalid') refuse(named(problem))
      else sayWhy(error)
      setBusy(false)
    }
  }
  return { busy, send }
}

export function LineModal({ line, onClose }: { line?: Line; onClose: () => void }) {
  const t = useAdminTexts()
  const shared = useSharedTexts()
  const [form] = Form.useForm<{ name: string }>()
  const { busy, send } = useSending(onClose)
  const save = ({ name }: { name: string }) =>
    send(
      () =>
        line
          ? client.PATCH('/api/organisation/lines/{line}', {
              params: { path: { line: line.id } },
              body: { name },
            })
          : client.POST('/api/organisation/lines', { body: { name } }),
      (why) => form.setFields([{ name: 'name', errors: [why] }]),
    )
  return (
    <Modal
      open
      title={t(line ? 'organisation.renameLine' : 'organisation.addLine')}
      okText={shared('save')}
      cancelText={shared('cancel')}
      confirmLoading={busy}
      width={400}
      onCancel={onClose}
      onOk={form.submit}
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ name: line?.name }}
        onFinish={save}
      >
        <Form.Item
          name="name"
          label={t('organisation.lineName')}
          rules={[{ required: true, whitespace: true, message: t('organisation.nameNeeded') }]}
        >
          <Input maxLength={150} autoFocus />
        </Form.Item>
      </Form>
    </Modal>
  )
}

interface TeamFields {
  name: string
  parent?: number
  manager?: number
}

/** A new team, or another name and place for one. */
export function TeamModal({
  asked: { line, parent, team },
  organisation,
  onClose,
}: {
  asked: Extract<Asked, { what: 'team' }>
  organisation: Organisation
  onClose: () => void
}) {
  const t = useAdminTexts()
  const shared = useSharedTexts()
  const [form] = Form.useForm<TeamFields>()
  const { busy, send } = useSending(onClose)
  const teams = organisation.lines.find(({ id }) => id === line.id)?.teams ?? []
  const save = ({ name, parent, manager }: TeamFields) =>
    send(
      () =>
        team
          ? client.PATCH('/api/organisation/teams/{team}', {
              params: { path: { team: team.id } },
              body: { name, parent: parent ?? null },
            })
          : client.POST('/api/organisation/teams', {
              body: { name, line: line.id, parent: parent ?? null, manager: manager ?? null },
            }),
      (why) => form.setFields([{ name: 'name', errors: [why] }]),
    )
  return (
    <Modal
      open
      title={team ? team.name : `${t('organisation.addTeam')} · ${line.name}`}
      okText={shared('save')}
      cancelText={shared('cancel')}
      confirmLoading={busy}
      width={420}
      onCancel={onClose}
      onOk={form.submit}
    >
      <Form<TeamFields>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ name: team?.name, parent: parent?.id }}
        onFinish={save}
      >
        <Form.Item
          name="name"
          label={t('organisation.teamName')}
          rules={[{ required: true, whitespace: true, message: t('organisation.nameNeeded') }]}
        >
          <Input maxLength={150} autoFocus />
        </Form.Item>
        <Form.Item name="parent" label={t('organisation.parent')}>
          <TreeSelect
            allowClear
            treeDefaultExpandAll
            placeholder={t('organisation.top')}
            treeData={teamsBelow(teams, team?.id)}
          />
        </Form.Item>
        {!team && (
          <Form.Item name="manager" label={t('organisation.manager')}>
            <PersonSelect
              label={t('organisation.manager')}
              placeholder={t('organisation.noManager')}
              clearable
            />
          </Form.Item>
        )}
      </Form>
    </Modal>
  )
}
