import { useQueryClient } from '@tanstack/react-query'
import { Alert, App, Button, Drawer, Form, Grid, Input, Segmented, Select } from 'antd'
import { useState } from 'react'
import { type ApiProblem, api, asProblem, type Schemas } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { useSharedTexts } from '@/shared/texts'
import { type Asset, LISTS, type List } from './data'
import { optionsOf, useWords } from './LibraryPage'
import { useAdviceTexts } from './texts'

type Values = Required<Schemas['AssetIn']>
type Helped = 'topics' | 'competitors' | 'industries'

const FRESH: Values = {
  title: '',
  summary: '',
  url: '',
  language: 'zh',
  personas: [],
  stages: [],
  topics: [],
  competitors: [],
  industries: [],
}
const FREE: readonly List[] = ['topics', 'competitors', 'industries']

/** Put something into the library, or change what is said of it. */
export default function AssetDrawer({
  asset,
  all,
  close,
}: {
  asset: Asset | undefined
  all: readonly Asset[]
  close: () => void
}) {
  const t = useAdviceTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const words = useWords()
  const { message } = App.useApp()
  const queries = useQueryClient()
  const phone = !Grid.useBreakpoint().md
  const [form] = Form.useForm<Values>()
  const [problem, setProblem] = useState<ApiProblem | null>(null)
  const done = {
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['get', '/api/assets'] })
      message.success(t('saved'))
      close()
    },
    onError: (error: unknown) => {
      const found = asProblem(error)
      const fields = Object.entries(found.fields)
      form.setFields(fields.map(([name, text]) => ({ name: name as keyof Values, errors: [text] })))
      setProblem(fields.length > 0 ? null : found)
    },
  }
  const create = api.useMutation('post', '/api/assets', done)
  const change = api.useMutation('patch', '/api/assets/{asset}', done)
  const save = (values: Values) => {
    setProblem(null)
    const body = { ...values, title: values.title.trim(), url: values.url.trim() }
    if (asset) change.mutate({ params: { path: { asset: asset.id } }, body })
    else create.mutate({ body })
  }
  return (
    <Drawer
      open
      onClose={close}
      title={asset ? t('editOf', { title: asset.title }) : t('new')}
      size={520}
      placement={phone ? 'bottom' : 'right'}
      styles={phone ? { wrapper: { height: '90dvh' } } : undefined}
      footer={
        <div style={{ display: 'flex', justifyContent: 'flex-end', gap: 8 }}>
          <Button onClick={close}>{shared('cancel')}</Button>
          <Button type="primary" loading={create.isPending || change.isPending} onClick={form.submit}>
            {shared('save')}
          </Button>
        </div>
      }
    >
      <Form<Values>
        form={form}
        layout="vertical"
        requiredMark={false}
        validateTrigger="onSubmit"
        initialValues={asset ? valuesOf(asset) : FRESH}
        onFinish={save}
      >
        <Form.Item
          name="title"
          label={t('field.title')}
          rules={[{ required: true, whitespace: true, message: t('titleNeeded') }]}
        >
          <Input autoFocus={!asset} maxLength={200} autoComplete="off" />
        </Form.Item>
        <Form.Item
          name="url"
          label={t('field.url')}
          extra={t('help.url')}
          rules={[{ required: true, pattern: /^\s*https:\/\/\S+\s*$/, message: t('urlNeeded') }]}
        >
          <Input type="url" maxLength={2000} autoComplete="off" placeholder="https://" />
        </Form.Item>
        <Form.Item name="summary" label={t('field.summary')}>
          <Input.TextArea autoSize={{ minRows: 2, maxRows: 6 }} maxLength={1000} />
        </Form.Item>
        <Form.Item name="language" label={t('field.language')}>
          <Segmented
            aria-label={t('field.language')}
            options={(['zh', 'en'] as const).map((value) => ({ value, label: t(`language.${value}`) }))}
          />
        </Form.Item>
        {LISTS.map((list) => (
          <Form.Item
            key={list}
            name={list}
            label={t(`field.${list}`)}
            extra={FREE.includes(list) ? t(`help.${list as Helped}`) : undefined}
          >
            <Select
              mode={FREE.includes(list) ? 'tags' : 'multiple'}
              maxCount={20}
              tokenSeparators={[',', '，', '、', ';', '；']}
              placeholder={t('help.all')}
              options={optionsOf(list, all, words)}
              optionFilterProp="label"
            />
          </Form.Item>
        ))}
        {problem && <Alert type="error" title={named(problem)} role="alert" />}
      </Form>
    </Drawer>
  )
}

function valuesOf(asset: Asset): Values {
  const { title, summary, url, language, personas, stages, topics, competitors, industries } = asset
  return { title, summary, url, language, personas, stages, topics, competitors, industries }
}
