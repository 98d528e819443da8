import { Form, Modal } from 'antd'
import { useState } from 'react'
import { api, asProblem, type Schemas } from '@/shared/api'
import { useLanguage, useNamed } from '@/shared/i18n'
import { useSharedTexts } from '@/shared/texts'
import { useAdminTexts } from '../texts'
import { useAgain, useSayWhy } from './data'
import { LinkModal } from './LinkModal'
import { type Fields, PersonFields } from './PersonFields'

/** Add somebody, and show the link by which they choose their password. */
export function AddPerson({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useAdminTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const language = useLanguage()
  const again = useAgain()
  const sayWhy = useSayWhy()
  const [form] = Form.useForm<Fields>()
  const [made, setMade] = useState<Schemas['PersonWithLink'] | null>(null)
  const add = api.useMutation('post', '/api/people', {
    onSuccess: (told) => {
      onClose()
      form.resetFields()
      setMade(told)
      void again()
    },
    onError: (error) => {
      const problem = asProblem(error)
      const field = { email_taken: 'email', email_invalid: 'email', name_invalid: 'name' }[problem.code]
      if (field) form.setFields([{ name: field as keyof Fields, errors: [named(problem)] }])
      else sayWhy(error)
    },
  })
  return (
    <>
      <Modal
        open={open}
        title={t('people.add')}
        okText={t('people.add')}
        cancelText={shared('cancel')}
        confirmLoading={add.isPending}
        width={440}
        onCancel={onClose}
        onOk={form.submit}
      >
        <Form<Fields>
          form={form}
          layout="vertical"
          requiredMark={false}
          validateTrigger="onSubmit"
          initialValues={{ language, roles: [], team: null }}
          onFinish={({ team, ...fields }) => add.mutate({ body: { ...fields, team: team ?? null } })}
        >
          <PersonFields />
        </Form>
      </Modal>
      {made && <LinkModal made={made} invited onClose={() => setMade(null)} />}
    </>
  )
}
