import { Alert, App, Button, InputNumber, Progress, Select } from 'antd'
import { lazy, Suspense, useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { download } from '@/features/imports/data'
import { api } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { useMe } from '@/shared/me'
import { Loaded } from '@/shared/states'
import { type Collecting, nameOf, useAfter } from './data'
import { FileCounts } from './FileCounts'
import { type SignalFile, useSignalFile, useTakeFile } from './filesData'
import styles from './Governance.module.css'
import { useGovernanceTexts } from './texts'

const DayPicker = lazy(() => import('@/features/crm/DayPicker'))
const NONE = -1

/** One file: how it is read and what that would come to, how far it is, or what came of it. */
export function FileBringing({ id, collecting }: { id: number; collecting: Collecting }) {
  const t = useGovernanceTexts()
  const named = useNamed()
  const format = useFormat()
  const query = useSignalFile(id)
  return (
    <section className={styles.part} aria-labelledby="file">
      <Link className={styles.faint} to="/governance?tab=files">
        {t('files.back')}
      </Link>
      <Loaded query={query}>
        {(of) => (
          <>
            <div className={styles.head}>
              <h2 id="file" className={styles.name}>
                {of.name}
              </h2>
              <span className={styles.chip}>{nameOf(of.source, collecting, named)}</span>
              <span className={styles.faint}>
                {[
                  t('files.rows', { count: of.rows }),
                  of.by?.name ?? t('files.bySystem'),
                  format.moment(of.ended_at ?? of.created_at),
                ].join(' · ')}
              </span>
            </div>
            {of.state === 'read' ? <Reading key={of.id} of={of} /> : <Brought of={of} />}
          </>
        )}
      </Loaded>
    </section>
  )
}

type Settings = SignalFile['settings']

function Reading({ of }: { of: SignalFile }) {
  const t = useGovernanceTexts()
  const named = useNamed()
  const format = useFormat()
  const navigate = useNavigate()
  const { data: me } = useMe()
  const { fail, say } = useAfter()
  const { modal } = App.useApp()
  const take = useTakeFile()
  const [settings, setSettings] = useState<Settings>(of.settings)
  const params = { path: { signal_file: of.id } }
  const configure = api.useMutation('patch', '/api/signal-files/{signal_file}')
  const start = api.useMutation('post', '/api/signal-files/{signal_file}', { onSuccess: take, onError: fail })
  const discard = api.useMutation('delete', '/api/signal-files/{signal_file}', {
    onSuccess: () => {
      say(t('files.discarded'))
      navigate('/governance?tab=files')
    },
    onError: fail,
  })
  const may = me && (me.scopes.configure === 'all' || me.scopes.administer === 'all')
  const change = (part: Partial<Settings>) => {
    const next = { ...settings, ...part }
    setSettings(next)
    configure.mutate({ params, body: next }, { onSuccess: take, onError: fail })
  }
  const read = (key: string, place: number) => {
    const { [key]: _, ...others } = settings.columns
    change({ columns: place === NONE ? others : { ...others, [key]: place } })
  }
  const headers = of.columns.map((label, value) => ({ value, label }))
  return (
    <>
      <h3>{t('files.columns')}</h3>
      <p className={styles.faint}>{t('files.columnsHelp')}</p>
      <div className={styles.reading}>
        {of.offered.map((column) => (
          <div key={column.key} className={styles.choice}>
            <span>{named(column)}</span>
            <Select<number>
              aria-label={named(column)}
              disabled={!may}
              showSearch={{ optionFilterProp: 'label' }}
              value={settings.columns[column.key] ?? NONE}
              options={[{ value: NONE, label: t('files.noColumn') }, ...headers]}
              onChange={(place) => read(column.key, place)}
            />
          </div>
        ))}
        {may && settings.columns.at === undefined && (
          <div className={styles.choice}>
            <span>{t('files.day')}</span>
            <Suspense>
              <DayPicker
                label={t('files.day')}
                value={settings.day ?? null}
                onChange={(day) => change({ day })}
              />
            </Suspense>
          </div>
        )}
        {settings.columns.consent !== undefined && settings.columns.wording === undefined && (
          <div className={styles.choice}>
            <span>{t('files.wording')}</span>
            <InputNumber<number>
              aria-label={t('files.wording')}
              min={1}
              max={1_000_000}
              precision={0}
              disabled={!may}
              style={{ width: '100%' }}
              value={settings.wording ?? null}
              onChange={(wording) => change({ wording })}
            />
          </div>
        )}
      </div>
      {of.lacking.map((what) => (
        <Alert
          key={what}
          type="warning"
          showIcon
          title={t(what === 'at' ? 'files.lackingAt' : 'files.lackingWho')}
        />
      ))}
      {of.lacking.length === 0 && (
        <FileCounts
          counts={of.check}
          title={t(of.check.rows < of.rows ? 'files.checkOf' : 'files.check', {
            rows: format.number(of.check.rows),
          })}
        />
      )}
      {(of.check.doubtful ?? 0) > 0 && (
        <Alert
          type="warning"
          showIcon
          title={t('files.doubtful', { number: format.number(of.check.doubtful ?? 0) })}
        />
      )}
      {of.first.length > 0 && <First of={of} settings={settings} />}
      {may && (
        <div className={styles.line}>
          <Button
            type="primary"
            disabled={of.lacking.length > 0}
            loading={start.isPending || configure.isPending}
            onClick={() => start.mutate({ params, body: settings })}
          >
            {t('files.start')}
          </Button>
          <Button
            onClick={() =>
              modal.confirm({
                title: t('files.discardSure'),
                okText: t('files.discard'),
                cancelText: t('form.cancel'),
                okButtonProps: { danger: true },
                onOk: () => discard.mutateAsync({ params }).catch(() => undefined),
              })
            }
          >
            {t('files.discard')}
          </Button>
        </div>
      )}
    </>
  )
}

/** The first rows, of the columns that are read. */
function First({ of, settings }: { of: SignalFile; settings: Settings }) {
  const t = useGovernanceTexts()
  const named = useNamed()
  const read = of.offered.flatMap((column) => {
    const place = settings.columns[column.key]
    return place === undefined ? [] : [{ column, place }]
  })
  return (
    <>
      <h3>{t('files.first')}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls aside can be scrolled by keys */}
      <section className={styles.scroll} tabIndex={0} aria-label={t('files.first')}>
        <table className={styles.rows}>
          <thead>
            <tr>
              <th scope="col">{t('files.number')}</th>
              {read.map(({ column }) => (
                <th key={column.key} scope="col">
                  {named(column)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {of.first.map((row) => (
              <tr key={row.number} className={row.zh ? styles.bad : undefined}>
                <td>{row.number + 1}</td>
                {read.map(({ column, place }) => (
                  <td key={column.key}>{row.cells[place]}</td>
                ))}
                {row.zh && <td>{named({ zh: row.zh, en: row.en ?? '' })}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  )
}

function Brought({ of }: { of: SignalFile }) {
  const t = useGovernanceTexts()
  const format = useFormat()
  const { fail } = useAfter()
  const wrong = Object.values(of.counts.wrong ?? {}).reduce((sum, count) => sum + count, 0)
  const under = t('files.under', { done: format.number(of.position), rows: format.number(of.rows) })
  return (
    <>
      {of.state === 'running' && (
        <div role="status">
          <span>{under}</span>
          <Progress percent={Math.round((100 * of.position) / of.rows)} aria-label={under} />
          <span className={styles.faint}>{t('files.leave')}</span>
        </div>
      )}
      <FileCounts counts={of.counts} title={t(of.state === 'done' ? 'files.result' : 'files.soFar')} />
      {(of.counts.doubtful ?? 0) > 0 && (
        <Alert
          type="info"
          showIcon
          title={t('files.doubtful', { number: format.number(of.counts.doubtful ?? 0) })}
        />
      )}
      <div className={styles.line}>
        {of.state === 'done' && wrong > 0 && (
          <Button onClick={() => void fetch(`/api/signal-files/${of.id}/wrong`).then(download).catch(fail)}>
            {t('files.download')}
          </Button>
        )}
        <Link to="/governance?tab=files">{t('files.another')}</Link>
      </div>
    </>
  )
}
