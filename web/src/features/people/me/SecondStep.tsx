import { useQueryClient } from '@tanstack/react-query'
import { App, Button, Form, Input, Modal, QRCode, Tag } from 'antd'
import { useState } from 'react'
import { api, asProblem } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { ME, type Me } from '@/shared/me'
import { useSharedTexts } from '@/shared/texts'
import styles from '../MePage.module.css'
import { usePeopleTexts } from '../texts'

export function SecondStep({ me }: { me: Me }) {
  const t = usePeopleTexts()
  const named = useNamed()
  const { message } = App.useApp()
  const queries = useQueryClient()
  const [codes, setCodes] = useState<string[] | null>(null)
  const [removing, setRemoving] = useState(false)
  const start = api.useMutation('post', '/api/me/second-step', {
    onError: (error) => void message.error(named(asProblem(error))),
  })
  const again = () => void queries.invalidateQueries({ queryKey: ME })
  return (
    <section className={styles.card} aria-labelledby="second-step">
      <div className={styles.head}>
        <h2 id="second-step">{t('step.title')}</h2>
        {me.second_step && <Tag color="success">{t('step.active')}</Tag>}
      </div>
      {codes ? (
        <Recovery
          codes={codes}
          done={() => {
            setCodes(null)
            start.reset()
          }}
        />
      ) : me.second_step ? (
        <>
          <p className={styles.text}>{t('step.on')}</p>
          <Button onClick={() => setRemoving(true)}>{t('step.remove')}</Button>
        </>
      ) : start.data ? (
        <Confirm
          secret={start.data.secret}
          uri={start.data.uri}
          confirmed={(told) => {
            setCodes(told)
            again()
          }}
          cancel={() => start.reset()}
        />
      ) : (
        <>
          <p className={styles.text}>{t('step.off')}</p>
          <Button loading={start.isPending} onClick={() => start.mutate({})}>
            {t('step.start')}
          </Button>
        </>
      )}
      {removing && (
        <Remove
          close={() => setRemoving(false)}
          removed={() => {
            setRemoving(false)
            start.reset()
            again()
          }}
        />
      )}
    </section>
  )
}

function Confirm({
  secret,
  uri,
  confirmed,
  cancel,
}: {
  secret: string
  uri: string
  confirmed: (codes: string[]) => void
  cancel: () => void
}) {
  const t = usePeopleTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const [form] = Form.useForm<{ code: string }>()
  const confirm = api.useMutation('post', '/api/me/second-step/confirm', {
    onSuccess: ({ recovery_codes }) => confirmed(recovery_codes),
    onError: (error) => form.setFields([{ name: 'code', errors: [named(asProblem(error))] }]),
  })
  return (
    <div className={styles.scan}>
      {/* Of no use to a screen reader: the key stands beside it. Black on white in the dark, too: scanners want it so. */}
      <div aria-hidden>
        <QRCode value={uri} size={168} color="#000" bgColor="#fff" />
      </div>
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        onFinish={({ code }) => confirm.mutate({ body: { code: code.replace(/\s/g, '') } })}
      >
        <p className={styles.text}>{t('step.scan')}</p>
        <span className={styles.meta}>{t('step.manual')}</span>
        <code className={styles.secret}>{secret.replace(/(.{4})(?=.)/g, '$1 ')}</code>
        <Form.Item
          name="code"
          label={t('step.code')}
          rules={[{ required: true, message: t('signIn.codeNeeded') }]}
        >
          <Input
            autoFocus
            inputMode="numeric"
            autoComplete="one-time-code"
            maxLength={7}
            style={{ maxWidth: 160 }}
          />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={confirm.isPending}>
          {t('step.confirm')}
        </Button>{' '}
        <Button type="text" onClick={cancel}>
          {shared('cancel')}
        </Button>
      </Form>
    </div>
  )
}

function Recovery({ codes, done }: { codes: string[]; done: () => void }) {
  const t = usePeopleTexts()
  const shared = useSharedTexts()
  const { message } = App.useApp()
  const copy = async () => {
    await navigator.clipboard.writeText(codes.join('\n'))
    void message.success(shared('copied'))
  }
  return (
    <div role="status">
      <p>
        <strong>{t('step.recovery')}</strong>
      </p>
      <p className={styles.text}>{t('step.recoveryWhy')}</p>
      <ul className={styles.codes}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <Button type="primary" onClick={done}>
        {t('step.done')}
      </Button>{' '}
      {/* Browsers give the clipboard only to pages they trust. */}
      {'clipboard' in navigator && (
        <Button type="text" onClick={() => void copy()}>
          {shared('copy')}
        </Button>
      )}
    </div>
  )
}

function Remove({ close, removed }: { close: () => void; removed: () => void }) {
  const t = usePeopleTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const { message } = App.useApp()
  const [form] = Form.useForm<{ password: string }>()
  const remove = api.useMutation('post', '/api/me/second-step/remove', {
    onSuccess: () => {
      removed()
      void message.success(t('step.removed'))
    },
    onError: (error) => form.setFields([{ name: 'password', errors: [named(asProblem(error))] }]),
  })
  return (
    <Modal
      open
      width={400}
      title={t('step.remove')}
      okText={t('step.remove')}
      cancelText={shared('cancel')}
      okButtonProps={{ danger: true, loading: remove.isPending }}
      onCancel={close}
      onOk={() => form.submit()}
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        onFinish={({ password }) => remove.mutate({ body: { old: password, new: '' } })}
      >
        <p className={styles.text}>{t('step.removeWhy')}</p>
        <Form.Item
          name="password"
          label={t('password.old')}
          rules={[{ required: true, message: t('password.oldNeeded') }]}
        >
          <Input.Password autoFocus autoComplete="current-password" />
        </Form.Item>
      </Form>
    </Modal>
  )
}
