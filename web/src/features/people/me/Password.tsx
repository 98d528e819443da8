import { App, Button, Form, Input } from 'antd'
import { type ApiProblem, api, asProblem } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import styles from '../MePage.module.css'
import { usePeopleTexts } from '../texts'

interface Fields {
  old: string
  new: string
  again: string
}

export function Password({ email }: { email: string }) {
  const t = usePeopleTexts()
  const named = useNamed()
  const { message } = App.useApp()
  const [form] = Form.useForm<Fields>()
  const fieldOf = (problem: ApiProblem) => (problem.code === 'password_wrong' ? 'old' : 'new')
  const change = api.useMutation('post', '/api/me/password', {
    onSuccess: () => {
      form.resetFields()
      void message.success(t('password.changed'))
    },
    onError: (error) => {
      const problem = asProblem(error)
      form.setFields([{ name: fieldOf(problem), errors: [named(problem)] }])
    },
  })
  return (
    <section className={styles.card} aria-labelledby="password">
      <h2 id="password">{t('password.title')}</h2>
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        validateTrigger="onSubmit"
        className={styles.form}
        onFinish={(values) => change.mutate({ body: { old: values.old, new: values.new } })}
      >
        {/* So that a password manager knows whose password this is. */}
        <input type="text" autoComplete="username" value={email} readOnly hidden />
        <Form.Item
          name="old"
          label={t('password.old')}
          rules={[{ required: true, message: t('password.oldNeeded') }]}
        >
          <Input.Password autoComplete="current-password" />
        </Form.Item>
        <Form.Item
          name="new"
          label={t('password.new')}
          rules={[{ required: true, message: t('password.newNeeded') }]}
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <Form.Item
          name="again"
          label={t('password.again')}
          rules={[
            ({ getFieldValue }) => ({
              validator: (_, value) =>
                value === getFieldValue('new')
                  ? Promise.resolve()
                  : Promise.reject(new Error(t('password.differs'))),
            }),
          ]}
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <Button htmlType="submit" loading={change.isPending}>
          {t('password.change')}
        </Button>
      </Form>
    </section>
  )
}
