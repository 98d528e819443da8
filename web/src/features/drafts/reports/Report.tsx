import { useQueryClient } from '@tanstack/react-query'
import { App, Button, Input, Segmented } from 'antd'
import { lazy, Suspense, useCallback, useEffect, useState } from 'react'
import { Link, useLocation, useParams } from 'react-router'
import { api, asProblem, client, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { Empty, ErrorBox, Loaded } from '@/shared/states'
import { useTitle } from '@/shared/title'
import { useNarrow } from '@/shared/useNarrow'
import { Preview } from './Preview'
import { nameOf } from './periods'
import styles from './Reports.module.css'
import { useReportsTexts } from './texts'

const AgainDialog = lazy(() => import('./AgainDialog'))

type Report = Schemas['ReportOut']

const keyOf = (report: number) => ['get', '/api/reports/{report}', { params: { path: { report } } }]

const unsavedOf = (report: number) => `report-${report}`

export function ReportView() {
  const t = useReportsTexts()
  const id = Number(useParams().report)
  const query = api.useQuery('get', '/api/reports/{report}', { params: { path: { report: id } } })
  if (!Number.isInteger(id) || (query.error && asProblem(query.error).status === 404))
    return (
      <div className={styles.card}>
        <Empty why={t('reports.notFound')} action={<Link to="/reports">{t('reports.toList')}</Link>} />
      </div>
    )
  return (
    <Loaded query={query}>
      {(report) => (report.may_edit ? <Own key={id} report={report} /> : <Read report={report} />)}
    </Loaded>
  )
}

function useName(report: Report): string {
  const t = useReportsTexts()
  const f = useFormat()
  const who = report.team ? t('reports.ofTeam', { name: report.author.name }) : report.author.name
  return `${t(`reports.${report.span}`)} · ${nameOf(report.span, report.begins_on, f)} · ${who}`
}

/** What somebody handed in. */
function Read({ report }: { report: Report }) {
  const t = useReportsTexts()
  const f = useFormat()
  const name = useName(report)
  useTitle(name)
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <h1>{name}</h1>
        <span className={styles.note}>
          {t('reports.from', { name: report.author.name, when: f.moment(report.handed_at) })}
        </span>
        <div className={styles.right}>
          <Link to="/reports">{t('reports.toList')}</Link>
        </div>
      </header>
      <section className={styles.card}>
        <Preview text={report.text} />
      </section>
    </div>
  )
}

/** One's own: what nobody has saved yet begins with its draft. */
function Own({ report }: { report: Report }) {
  const begun = (useLocation().state as { draft?: string } | null)?.draft
  const { id, span, begins_on, team, saved_at: savedAt } = report
  const [draft, setDraft] = useState(savedAt ? '' : (begun ?? null))
  const [error, setError] = useState<unknown>()
  useEffect(() => {
    if (draft !== null) return
    client
      .POST('/api/reports/draft', { body: { span, begins_on, of_team: team } })
      .then(({ data }) => setDraft(data?.draft ?? ''), setError)
  }, [draft, span, begins_on, team])
  if (error) return <ErrorBox error={error} />
  return draft === null ? null : <Edit key={id} report={report} first={savedAt ? report.text : draft} />
}

function Edit({ report, first }: { report: Report; first: string }) {
  const t = useReportsTexts()
  const f = useFormat()
  const named = useNamed()
  const queries = useQueryClient()
  const { message } = App.useApp()
  const narrow = useNarrow()
  const name = useName(report)
  useTitle(name)
  const [text, setText] = useState(() => sessionStorage.getItem(unsavedOf(report.id)) ?? first)
  const [shown, setShown] = useState<'edit' | 'preview'>('edit')
  const [again, setAgain] = useState<Schemas['DraftOut'] | null>(null)
  const [busy, setBusy] = useState(false)
  const { data: reports } = api.useQuery('get', '/api/reports')
  const manager = reports?.manager
  const changed = report.saved_at === null || text.trim() !== report.text.trim()
  const path = { params: { path: { report: report.id } } }

  const take = useCallback(
    (saved: Report | undefined) => {
      if (saved) queries.setQueryData(keyOf(report.id), saved)
      void queries.invalidateQueries({ queryKey: ['get', '/api/reports'] })
      void queries.invalidateQueries({ queryKey: ['get', '/api/saved'] })
    },
    [queries, report.id],
  )
  const doing = async <T,>(act: () => Promise<T>): Promise<T | undefined> => {
    setBusy(true)
    try {
      return await act()
    } catch (error) {
      void message.error(named(asProblem(error)))
      return undefined
    } finally {
      setBusy(false)
    }
  }
  const store = async (): Promise<Report | undefined> => {
    const { data } = await client.PUT('/api/reports/{report}', {
      ...path,
      body: { text, version: report.version },
    })
    take(data)
    return data
  }
  const save = () =>
    doing(async () => {
      await store()
      void message.success(t('report.savedNow'))
    })
  const handIn = () =>
    doing(async () => {
      const { version } = (changed ? await store() : undefined) ?? report
      const { data } = await client.POST('/api/reports/{report}/hand-in', { ...path, body: { version } })
      take(data)
      void message.success(t('report.handedIn', { name: data?.handed_to?.name ?? '' }))
    })
  const draftAgain = () =>
    doing(async () => {
      const { span, begins_on, team } = report
      const { data } = await client.POST('/api/reports/draft', { body: { span, begins_on, of_team: team } })
      if (data) setAgain(data)
    })
  const copy = () =>
    doing(async () => {
      await navigator.clipboard.writeText(text)
      void message.success(t('report.copied'))
    })

  // What is not saved waits in this browser tab: leaving the page loses nothing.
  useEffect(() => {
    if (changed && text !== first) sessionStorage.setItem(unsavedOf(report.id), text)
    else if (!changed) sessionStorage.removeItem(unsavedOf(report.id))
  }, [changed, text, first, report.id])

  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <h1>{name}</h1>
        {changed && <span className={styles.note}>{t('report.unsaved')}</span>}
        <div className={styles.right}>
          <Button onClick={() => void draftAgain()} disabled={busy}>
            {t('report.again')}
          </Button>
          <Button onClick={() => void copy()}>{t('report.copy')}</Button>
          <Button disabled={!changed || !text.trim() || busy} onClick={() => void save()}>
            {t('report.save')}
          </Button>
          <Button type="primary" disabled={!manager || !text.trim() || busy} onClick={() => void handIn()}>
            {manager ? t('report.handIn', { name: manager.name }) : t('report.handInPlain')}
          </Button>
        </div>
      </header>
      {report.handed_to && (
        <p className={styles.note}>
          {t('report.handedWhen', { name: report.handed_to.name, when: f.moment(report.handed_at) })}
        </p>
      )}
      {narrow && (
        <Segmented
          block
          value={shown}
          options={(['edit', 'preview'] as const).map((value) => ({ value, label: t(`report.${value}`) }))}
          onChange={setShown}
        />
      )}
      <div className={styles.sheet} data-single={narrow || undefined}>
        {(!narrow || shown === 'edit') && (
          <Input.TextArea
            className={styles.editor}
            aria-label={t('report.text')}
            value={text}
            maxLength={100_000}
            autoSize={{ minRows: 24 }}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => {
              if ((event.ctrlKey || event.metaKey) && event.key === 's') {
                event.preventDefault()
                if (changed && text.trim()) void save()
              }
            }}
          />
        )}
        {(!narrow || shown === 'preview') && (
          <section className={styles.card} aria-label={t('report.preview')}>
            <Preview text={text} />
          </section>
        )}
      </div>
      {again && (
        <Suspense fallback={null}>
          <AgainDialog
            draft={again}
            onClose={() => setAgain(null)}
            onAppend={(lines) => {
              setText(`${text.trimEnd()}\n\n## ${t('report.appended')}\n${lines.join('\n')}\n`)
              setAgain(null)
            }}
            onReplace={(whole) => {
              setText(whole)
              setAgain(null)
            }}
          />
        </Suspense>
      )}
    </div>
  )
}
