import { useQueryClient } from '@tanstack/react-query'
import { Alert, App, Button, Form, Input, Modal, Segmented, Select } from 'antd'
import { useState } from 'react'
import { type ApiProblem, api, asProblem, client, type Schemas } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { Loaded } from '@/shared/states'
import { useSharedTexts } from '@/shared/texts'
import { CopyButton } from '../CopyButton'
import { KeyRow } from '../KeyRow'
import styles from '../MePage.module.css'
import { usePeopleTexts } from '../texts'

const KEY = ['get', '/api/me/keys']
const DAYS = [7, 30, 90, 180, 365]

export function ApiKeys() {
  const t = usePeopleTexts()
  const named = useNamed()
  const { message } = App.useApp()
  const queries = useQueryClient()
  const keys = api.useQuery('get', '/api/me/keys')
  const [making, setMaking] = useState(false)
  const again = () => queries.invalidateQueries({ queryKey: KEY })
  const revoke = api.useMutation('delete', '/api/me/keys/{key}', {
    onSuccess: () => void message.success(t('keys.revoked')),
    onError: (error) => void message.error(named(asProblem(error))),
    onSettled: again,
  })
  return (
    <section className={styles.card} aria-labelledby="keys">
      <div className={styles.head}>
        <h2 id="keys">{t('keys.title')}</h2>
        <Button disabled={!keys.data} onClick={() => setMaking(true)}>
          {t('keys.new')}
        </Button>
      </div>
      <p className={styles.text}>
        {t('keys.why')} <a href="/api/docs">{t('keys.docs')}</a>
      </p>
      <Loaded query={keys}>
        {({ keys: rows, areas }) => (
          <>
            {rows.length === 0 && <p className={styles.meta}>{t('keys.none')}</p>}
            {rows.map((row) => (
              <KeyRow
                key={row.id}
                row={row}
                areas={areas}
                revoke={() => revoke.mutate({ params: { path: { key: row.id } } })}
              />
            ))}
            {making && (
              <NewKey
                areas={areas}
                close={() => {
                  setMaking(false)
                  void again()
                }}
              />
            )}
          </>
        )}
      </Loaded>
    </section>
  )
}

type Right = 'no' | 'read' | 'write'

function NewKey({ areas, close }: { areas: readonly Schemas['AreaOut'][]; close: () => void }) {
  const t = usePeopleTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const [form] = Form.useForm<{ name: string; days: number }>()
  const [rights, setRights] = useState<Record<string, Right>>({})
  const [token, setToken] = useState('')
  const [busy, setBusy] = useState(false)
  const [missing, setMissing] = useState(false)
  const [problem, setProblem] = useState<ApiProblem | null>(null)

  async function make({ name, days }: { name: string; days: number }) {
    const chosen = Object.fromEntries(
      Object.entries(rights).filter((each): each is [string, 'read' | 'write'] => each[1] !== 'no'),
    )
    setMissing(Object.keys(chosen).length === 0)
    if (Object.keys(chosen).length === 0) return
    setBusy(true)
    setProblem(null)
    try {
      const { data } = await client.POST('/api/me/keys', { body: { name, days, areas: chosen } })
      if (data) setToken(data.token)
    } catch (error) {
      setProblem(asProblem(error))
    } finally {
      setBusy(false)
    }
  }

  if (token)
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
        <Alert type="warning" title={t('keys.madeWhy')} />
        <div className={styles.token}>
          <code>{token}</code>
          <CopyButton text={token} label={t('keys.copy')} done={t('keys.copied')} />
        </div>
      </Modal>
    )
  return (
    <Modal
      open
      title={t('keys.new')}
      okText={t('keys.create')}
      cancelText={shared('cancel')}
      confirmLoading={busy}
      onOk={() => form.submit()}
      onCancel={close}
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        validateTrigger="onSubmit"
        initialValues={{ name: '', days: 90 }}
        onFinish={(values) => void make(values)}
      >
        <Form.Item
          name="name"
          label={t('keys.name')}
          extra={t('keys.nameHelp')}
          rules={[{ required: true, whitespace: true, message: t('keys.nameNeeded') }]}
        >
          <Input autoFocus maxLength={150} autoComplete="off" />
        </Form.Item>
        <Form.Item
          label={t('keys.areas')}
          validateStatus={missing ? 'error' : undefined}
          help={missing ? t('keys.areasNeeded') : undefined}
        >
          <fieldset className={styles.areas} aria-label={t('keys.areas')}>
            {areas.map((area) => (
              <div key={area.area} className={styles.area}>
                <span>{named(area)}</span>
                <Segmented<Right>
                  aria-label={named(area)}
                  value={rights[area.area] ?? 'no'}
                  options={(['no', 'read', 'write'] as const)
                    .filter((right) => right !== 'write' || area.writable)
                    .map((right) => ({ value: right, label: t(`keys.${right}`) }))}
                  onChange={(right) => {
                    setMissing(false)
                    setRights((now) => ({ ...now, [area.area]: right }))
                  }}
                />
              </div>
            ))}
          </fieldset>
        </Form.Item>
        <Form.Item name="days" label={t('keys.days')}>
          <Select
            aria-label={t('keys.days')}
            options={DAYS.map((days) => ({ value: days, label: t('keys.for', { count: days }) }))}
          />
        </Form.Item>
        {problem && <Alert type="error" title={named(problem)} role="alert" />}
      </Form>
    </Modal>
  )
}
