import { PlusOutlined } from '@ant-design/icons'
import { useQueryClient } from '@tanstack/react-query'
import { Button, Table } from 'antd'
import { useMemo, useState } from 'react'
import { api, client } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { Empty, Loaded } from '@/shared/states'
import { useSharedTexts } from '@/shared/texts'
import { useTitle } from '@/shared/title'
import { useNarrow } from '@/shared/useNarrow'
import styles from '../admin.module.css'
import { useAdminTexts } from '../texts'
import { PIPELINES, type Pipeline, type Stage, usePipelines, useSend } from './data'
import { moved } from './order'
import { PipelineModal } from './PipelineModal'
import { Reorder } from './Reorder'
import { RetireModal } from './RetireModal'
import own from './Shaping.module.css'
import { StageDrawer } from './StageDrawer'
import { useShapingTexts } from './texts'

type Asked =
  | { what: 'pipeline'; pipeline?: Pipeline }
  | { what: 'stage'; pipeline: Pipeline; stage?: Stage }
  | { what: 'retire'; pipeline: Pipeline; stage: Stage }

/** How each line of business sells: its pipelines, and the stages of each. */
export default function PipelinesPage() {
  const t = useShapingTexts()
  const admin = useAdminTexts()
  const query = usePipelines()
  const [asked, ask] = useState<Asked | null>(null)
  const close = () => ask(null)
  useTitle(admin('section.pipelines'))
  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <h1>{admin('section.pipelines')}</h1>
        <Button icon={<PlusOutlined />} onClick={() => ask({ what: 'pipeline' })}>
          {t('pipelines.add')}
        </Button>
      </div>
      <p className={styles.intro}>{t('pipelines.about')}</p>
      <Loaded query={query}>
        {(pipelines) =>
          pipelines.length ? (
            pipelines.map((pipeline) => <Stages key={pipeline.id} pipeline={pipeline} ask={ask} />)
          ) : (
            <Empty why={t('pipelines.none')} />
          )
        }
      </Loaded>
      {asked?.what === 'pipeline' && <PipelineModal pipeline={asked.pipeline} onClose={close} />}
      {asked?.what === 'stage' && <StageDrawer {...asked} onClose={close} />}
      {asked?.what === 'retire' && <RetireModal {...asked} onClose={close} />}
    </div>
  )
}

function Stages({ pipeline, ask }: { pipeline: Pipeline; ask: (asked: Asked) => void }) {
  const t = useShapingTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const narrow = useNarrow()
  const queries = useQueryClient()
  const send = useSend()
  const types = api.useQuery('get', '/api/record-types', {}, { staleTime: 600_000 })
  const fields = useMemo(
    () => new Map(types.data?.find(({ key }) => key === 'deal')?.fields.map((field) => [field.key, field])),
    [types.data],
  )
  const used = pipeline.stages.filter(({ retired }) => !retired)
  const rows = [...used, ...pipeline.stages.filter(({ retired }) => retired)]
  const asksFor = ({ requires }: Stage) =>
    requires.map((key) => fields.get(key)).flatMap((field) => (field ? named(field) : []))

  function move(place: number, step: 1 | -1) {
    const next = [...moved(used, place, step), ...rows.slice(used.length)]
    queries.setQueriesData<Pipeline[]>({ queryKey: PIPELINES }, (all) =>
      all?.map((one) => (one.id === pipeline.id ? { ...one, stages: next } : one)),
    )
    void send(() =>
      client.PUT('/api/shape/pipelines/{pipeline}/stages-order', {
        params: { path: { pipeline: pipeline.id } },
        body: { keys: next.map(({ key }) => key) },
      }),
    )
  }
  const bringBack = (stage: Stage) =>
    void send(
      () => client.POST('/api/shape/stages/{stage}/bring-back', { params: { path: { stage: stage.id } } }),
      shared('saved'),
    )
  const days = ({ usual_days }: Stage) =>
    usual_days === null ? t('pipelines.noDays') : t('pipelines.days', { count: usual_days })
  return (
    <section className={styles.page} aria-label={pipeline.name}>
      <div className={styles.head}>
        <h2>{pipeline.name}</h2>
        <span className={styles.faint}>
          {pipeline.line.name} · {pipeline.currency}
        </span>
        <span>
          <Button size="small" type="text" onClick={() => ask({ what: 'pipeline', pipeline })}>
            {t('pipelines.change')}
          </Button>
          <Button size="small" type="text" onClick={() => ask({ what: 'stage', pipeline })}>
            {t('pipelines.addStage')}
          </Button>
        </span>
      </div>
      <div className={styles.table}>
        <Table<Stage>
          size="small"
          rowKey="id"
          pagination={false}
          dataSource={rows}
          rowClassName={({ retired }) => (retired ? (own.gone ?? '') : '')}
          columns={[
            {
              key: 'name',
              title: t('pipelines.stage'),
              render: (_, stage) => (
                <>
                  <span className={own.name}>{named(stage)}</span>
                  <span className={own.second}>
                    {narrow
                      ? [t(`pipelines.categories.${stage.category}`), days(stage), ...asksFor(stage)].join(
                          ' · ',
                        )
                      : stage.key}
                  </span>
                </>
              ),
            },
            {
              key: 'category',
              title: t('pipelines.category'),
              hidden: narrow,
              width: 120,
              render: (_, { category }) => t(`pipelines.categories.${category}`),
            },
            {
              key: 'days',
              title: t('pipelines.usualDays'),
              hidden: narrow,
              width: 130,
              render: (_, stage) => days(stage),
            },
            {
              key: 'requires',
              title: t('pipelines.requires'),
              hidden: narrow,
              render: (_, stage) =>
                asksFor(stage).length ? (
                  asksFor(stage).join(' / ')
                ) : (
                  <span className={own.gone}>{t('pipelines.requiresNone')}</span>
                ),
            },
            {
              key: 'actions',
              width: narrow ? 186 : 250,
              render: (_, stage, place) =>
                stage.retired ? (
                  <span className={own.actions}>
                    <span className={styles.chip}>{t('retired')}</span>
                    <Button size="small" type="text" onClick={() => bringBack(stage)}>
                      {t('bringBack')}
                    </Button>
                  </span>
                ) : (
                  <span className={own.actions}>
                    <Reorder
                      name={named(stage)}
                      place={place}
                      of={used.length}
                      move={(step) => move(place, step)}
                    />
                    <Button size="small" type="text" onClick={() => ask({ what: 'stage', pipeline, stage })}>
                      {t('edit')}
                    </Button>
                    <Button
                      size="small"
                      type="text"
                      disabled={used.length === 1}
                      onClick={() => ask({ what: 'retire', pipeline, stage })}
                    >
                      {t('retire')}
                    </Button>
                  </span>
                ),
            },
          ]}
        />
      </div>
    </section>
  )
}
