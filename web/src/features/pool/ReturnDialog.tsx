import { useQueryClient } from '@tanstack/react-query'
import { App, Form, Input, Modal } from 'antd'
import { api, asProblem } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { useSharedTexts } from '@/shared/texts'
import { type Kind, listPath, OVERVIEW, onePath } from './data'
import styles from './Pool.module.css'
import { usePoolTexts } from './texts'

/** Put a record into the pool, and say why. */
export default function ReturnDialog({
  kind,
  record,
  onClose,
}: {
  kind: Kind
  record: { id: number; title: string }
  /** `done`: it is gone, and who returned it may not see it any more. */
  onClose: (done: boolean) => void
}) {
  const t = usePoolTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const { message } = App.useApp()
  const queries = useQueryClient()
  const [form] = Form.useForm<{ reason: string }>()
  const send = api.useMutation('post', `${onePath(kind)}/return`, {
    onSuccess: () => {
      message.success(t('return.done'))
      onClose(true)
      for (const queryKey of [['get', listPath(kind)], OVERVIEW, ['get', `/api/records/${kind}`]])
        void queries.invalidateQueries({ queryKey })
    },
    onError: (error) => message.error(named(asProblem(error))),
  })
  return (
    <Modal
      open
      width={440}
      title={t('return.title', { name: record.title })}
      okText={t('return.ok')}
      cancelText={shared('cancel')}
      confirmLoading={send.isPending}
      onOk={form.submit}
      onCancel={() => onClose(false)}
    >
      <p className={styles.second}>{t('return.about')}</p>
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        onFinish={({ reason }) =>
          send.mutate({
            params: { path: { [kind]: record.id } as { account: number } },
            body: { reason: reason.trim() },
          })
        }
      >
        <Form.Item
          name="reason"
          label={t('return.reason')}
          rules={[{ required: true, whitespace: true, message: t('return.needed') }]}
        >
          <Input.TextArea rows={3} maxLength={300} placeholder={t('return.hint')} />
        </Form.Item>
      </Form>
    </Modal>
  )
}
