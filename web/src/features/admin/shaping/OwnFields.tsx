import { PlusOutlined } from '@ant-design/icons'
import { useQueryClient } from '@tanstack/react-query'
import { App, Button, Table } from 'antd'
import { useState } from 'react'
import { client } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { Empty } from '@/shared/states'
import { useSharedTexts } from '@/shared/texts'
import { useNarrow } from '@/shared/useNarrow'
import styles from '../admin.module.css'
import { type OwnField, SHAPE, type Shape, useSend } from './data'
import { FieldDrawer } from './FieldDrawer'
import { moved } from './order'
import { Reorder } from './Reorder'
import own from './Shaping.module.css'
import { useShapingTexts } from './texts'

/** The organisation's own fields of a kind of record, in their order. */
export function OwnFields({ shape, shapes }: { shape: Shape; shapes: Shape[] }) {
  const t = useShapingTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const narrow = useNarrow()
  const queries = useQueryClient()
  const send = useSend()
  const { modal } = App.useApp()
  const [edited, edit] = useState<OwnField | 'new' | null>(null)
  const used = shape.own.filter(({ retired }) => !retired)
  const rows = [...used, ...shape.own.filter(({ retired }) => retired)]

  function move(place: number, step: 1 | -1) {
    const next = [...moved(used, place, step), ...rows.slice(used.length)]
    queries.setQueriesData<Shape[]>({ queryKey: SHAPE }, (all) =>
      all?.map((one) => (one.key === shape.key ? { ...one, own: next } : one)),
    )
    void send(() =>
      client.PUT('/api/shape/fields-order', {
        body: { record_type: shape.key, keys: next.map(({ key }) => key) },
      }),
    )
  }
  const change = (field: OwnField, retired: boolean) =>
    send(
      () =>
        client.PATCH('/api/shape/fields/{own_field}', {
          params: { path: { own_field: field.id } },
          body: { retired },
        }),
      shared('saved'),
    )
  const ask = (field: OwnField) =>
    void modal.confirm({
      title: `${t('retire')} · ${named(field)}`,
      content: t('fields.retireAsk', { name: named(field) }),
      okText: t('retire'),
      cancelText: shared('cancel'),
      icon: null,
      onOk: () => change(field, true),
    })
  const typeOf = (field: OwnField) => {
    const target = shapes.find(({ key }) => key === field.target)
    return target ? `${t('fields.kinds.record')} · ${named(target)}` : t(`fields.kinds.${field.kind}`)
  }
  const choicesOf = (field: OwnField) =>
    field.choices
      .filter(({ retired }) => !retired)
      .map((choice) => named(choice))
      .join(' / ')

  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <p className={styles.intro}>{t('fields.about')}</p>
        <Button icon={<PlusOutlined />} onClick={() => edit('new')}>
          {t('fields.add')}
        </Button>
      </div>
      {rows.length === 0 ? (
        <Empty why={t('fields.none')} />
      ) : (
        <div className={styles.table}>
          <Table<OwnField>
            size="small"
            rowKey="id"
            pagination={false}
            dataSource={rows}
            rowClassName={({ retired }) => (retired ? (own.gone ?? '') : '')}
            columns={[
              {
                key: 'name',
                title: t('fields.name'),
                render: (_, field) => (
                  <>
                    <span className={own.name}>{named(field)}</span>
                    <span className={own.second}>
                      {narrow
                        ? `${typeOf(field)}${field.required ? ` · ${t('fields.required')}` : ''}`
                        : field.key}
                    </span>
                  </>
                ),
              },
              {
                key: 'type',
                title: t('fields.type'),
                hidden: narrow,
                render: (_, field) => (
                  <>
                    {typeOf(field)}
                    <span className={own.second}>{choicesOf(field)}</span>
                  </>
                ),
              },
              {
                key: 'required',
                title: t('fields.required'),
                hidden: narrow,
                width: 100,
                render: (_, { required }) => t(required ? 'fields.required' : 'fields.optional'),
              },
              {
                key: 'actions',
                width: narrow ? 186 : 250,
                render: (_, field, place) =>
                  field.retired ? (
                    <span className={own.actions}>
                      <span className={styles.chip}>{t('retired')}</span>
                      <Button size="small" type="text" onClick={() => void change(field, false)}>
                        {t('bringBack')}
                      </Button>
                    </span>
                  ) : (
                    <span className={own.actions}>
                      <Reorder
                        name={named(field)}
                        place={place}
                        of={used.length}
                        move={(step) => move(place, step)}
                      />
                      <Button size="small" type="text" onClick={() => edit(field)}>
                        {t('edit')}
                      </Button>
                      <Button size="small" type="text" onClick={() => ask(field)}>
                        {t('retire')}
                      </Button>
                    </span>
                  ),
              },
            ]}
          />
        </div>
      )}
      {edited && (
        <FieldDrawer
          shape={shape}
          shapes={shapes}
          field={edited === 'new' ? undefined : edited}
          onClose={() => edit(null)}
        />
      )}
    </div>
  )
}
