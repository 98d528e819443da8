import type { UseQueryResult } from '@tanstack/react-query'
import { Button, Skeleton } from 'antd'
import { type ReactNode, useEffect, useState } from 'react'
import { asProblem } from './api'
import { useNamed } from './i18n'
import styles from './states.module.css'
import { useSharedTexts } from './texts'

/** Shows its content only after 200 ms: what is quick needs no skeleton. */
export function Delayed({ children, after = 200 }: { children: ReactNode; after?: number }) {
  const [due, setDue] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setDue(true), after)
    return () => clearTimeout(timer)
  }, [after])
  return due ? children : null
}

/** A skeleton in lines, for where the final shape has no skeleton of its own. */
export function Waiting({ rows = 4 }: { rows?: number }) {
  const t = useSharedTexts()
  return (
    <div className={styles.wait} role="status" aria-busy="true" aria-label={t('loading')}>
      <Delayed>
        <Skeleton active paragraph={{ rows }} />
      </Delayed>
    </div>
  )
}

/** Nothing here: one sentence why, and one action. */
export function Empty({ why, action }: { why: string; action?: ReactNode }) {
  return (
    <div className={styles.empty}>
      <div>{why}</div>
      {action}
    </div>
  )
}

/** What went wrong, a way to try again, and the number to find it by. The rest of the page stays usable. */
export function ErrorBox({ error, retry }: { error: unknown; retry?: () => void }) {
  const t = useSharedTexts()
  const named = useNamed()
  const problem = asProblem(error)
  if (problem.status === 403) return <NoPermission error={error} />
  return (
    <div className={`${styles.box} ${styles.error}`} role="alert">
      <div className={styles.title}>{named(problem)}</div>
      {problem.request && (
        <div className={styles.meta}>
          {t('request')} <code>{problem.request}</code>
        </div>
      )}
      {retry && <Button onClick={retry}>{t('retry')}</Button>}
    </div>
  )
}

/** Refused for lack of a right: says who can grant it. */
export function NoPermission({ error }: { error?: unknown }) {
  const t = useSharedTexts()
  const named = useNamed()
  return (
    <div className={`${styles.box} ${styles.refused}`} role="alert">
      <div className={styles.title}>{error ? named(asProblem(error)) : t('noPermission')}</div>
      <div>{t('whoGrants')}</div>
    </div>
  )
}

/**
 * A query in its four states: waiting (skeleton after 200 ms), failed, loaded, and fetched again (old data
 * stays on screen). What is shown until then stands inside its `frame`.
 */
export function Loaded<T>({
  query,
  skeleton,
  frame = (inside) => inside,
  children,
}: {
  query: Pick<UseQueryResult<T, unknown>, 'data' | 'error' | 'refetch'>
  skeleton?: ReactNode
  frame?: (inside: ReactNode) => ReactNode
  children: (data: NonNullable<T>) => ReactNode
}) {
  if (query.data != null) return children(query.data)
  if (query.error) return frame(<ErrorBox error={query.error} retry={() => void query.refetch()} />)
  return skeleton ? <Delayed>{frame(skeleton)}</Delayed> : frame(<Waiting />)
}
