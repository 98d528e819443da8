import { Alert, Button, Checkbox, Form, Input, InputNumber, Modal, Segmented } from 'antd'
import { useState } from 'react'
import { CopyButton } from '@/features/people/CopyButton'
import { type ApiProblem, api, asProblem, type Schemas } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { useMe } from '@/shared/me'
import { type Collecting, snippetOf, useAfter } from './data'
import styles from './Governance.module.css'
import { useGovernanceTexts } from './texts'

type Kind = 'browser' | 'server'
const OF_BROWSERS = ['web', 'form', 'link']

interface Values {
  kind: Kind
  name: string
  sources: string[]
  origins: string
  per_minute: number
}

export function NewKey({ collecting, close }: { collecting: Collecting; close: () => void }) {
  const t = useGovernanceTexts()
  const named = useNamed()
  const { again } = useAfter()
  const [form] = Form.useForm<Values>()
  const kind = Form.useWatch('kind', form) ?? 'browser'
  const [problem, setProblem] = useState<ApiProblem | null>(null)
  const make = api.useMutation('post', '/api/intake-keys', {
    onError: (error) => setProblem(asProblem(error)),
    onSettled: again,
  })
  if (make.data) return <Made kind={kind} made={make.data} close={close} />
  const sources = collecting.sources.filter(({ key }) => kind === 'server' || OF_BROWSERS.includes(key))
  return (
    <Modal
      open
      title={t('keys.new')}
      okText={t('keys.create')}
      cancelText={t('form.cancel')}
      confirmLoading={make.isPending}
      onOk={() => form.submit()}
      onCancel={close}
    >
      <Form<Values>
        form={form}
        layout="vertical"
        requiredMark={false}
        validateTrigger="onSubmit"
        initialValues={{ kind: 'browser', name: '', sources: ['web', 'form'], origins: '', per_minute: 6000 }}
        onFinish={({ origins, sources: chosen, ...values }) =>
          make.mutate({
            body: {
              ...values,
              sources: chosen.filter((key) => sources.some((each) => each.key === key)),
              origins: values.kind === 'browser' ? lines(origins) : [],
            },
          })
        }
      >
        <Form.Item name="kind">
          <Segmented<Kind>
            aria-label={t('keys.new')}
            options={(['browser', 'server'] as const).map((value) => ({
              value,
              label: t(`keys.kind.${value}`),
            }))}
          />
        </Form.Item>
        <Form.Item
          name="name"
          label={t('keys.name')}
          rules={[{ required: true, whitespace: true, message: t('keys.nameNeeded') }]}
        >
          <Input autoFocus maxLength={100} autoComplete="off" />
        </Form.Item>
        <Form.Item
          name="sources"
          label={t('keys.sources')}
          rules={[{ required: true, type: 'array', min: 1, message: t('keys.sourcesNeeded') }]}
        >
          <Checkbox.Group options={sources.map((each) => ({ value: each.key, label: named(each) }))} />
        </Form.Item>
        {kind === 'browser' && (
          <Form.Item
            name="origins"
            label={t('keys.origins')}
            extra={t('keys.originsHelp')}
            rules={[{ required: true, whitespace: true, message: t('keys.originsNeeded') }]}
          >
            <Input.TextArea rows={2} spellCheck={false} />
          </Form.Item>
        )}
        <Form.Item name="per_minute" label={t('keys.perMinute')}>
          <InputNumber<number> min={1} max={1_000_000} precision={0} />
        </Form.Item>
        {problem && <Alert type="error" title={named(problem)} role="alert" />}
      </Form>
    </Modal>
  )
}

function Made({ kind, made, close }: { kind: Kind; made: Schemas['IntakeKeyMade']; close: () => void }) {
  const t = useGovernanceTexts()
  const { data: me } = useMe()
  const code = kind === 'browser' ? snippetOf(me?.live ?? '', made.token) : made.token
  return (
    <Modal
      open
      title={t('keys.made')}
      closable={false}
      keyboard={false}
      mask={{ closable: false }}
      footer={
        <Button type="primary" onClick={close}>
          {t('keys.done')}
        </Button>
      }
    >
      <div className={styles.page}>
        <Alert type="warning" title={t(kind === 'browser' ? 'keys.madeBrowser' : 'keys.madeWhy')} />
        <span className={styles.faint}>{t(kind === 'browser' ? 'keys.snippet' : 'keys.token')}</span>
        <pre className={styles.code}>{code}</pre>
        <div>
          <CopyButton text={code} label={t('keys.copy')} done={t('keys.copied')} />
        </div>
        <span className={styles.faint}>{t('keys.secret')}</span>
        <div className={styles.line}>
          <code>{made.secret}</code>
          <CopyButton text={made.secret} label={t('keys.copy')} done={t('keys.copied')} />
        </div>
      </div>
    </Modal>
  )
}

function lines(text: string): string[] {
  return text.split(/\s+/).filter(Boolean)
}
