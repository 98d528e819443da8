import type { UseQueryResult } from '@tanstack/react-query'
import { Skeleton } from 'antd'
import type { ReactNode } from 'react'
import { Delayed, ErrorBox } from '@/shared/states'
import styles from './DealContent.module.css'

/** A card beside a record that shows nothing where there is nothing to say; until that is known, it says so. */
export function LoadedCard<T>({
  title,
  query,
  children,
}: {
  title: string
  query: Pick<UseQueryResult<T, unknown>, 'data' | 'error' | 'refetch'>
  children: (data: NonNullable<T>) => ReactNode
}) {
  if (query.data != null) return children(query.data)
  const card = (inside: ReactNode) => (
    <section className={styles.card} aria-label={title}>
      <h2>{title}</h2>
      {inside}
    </section>
  )
  if (query.error) return card(<ErrorBox error={query.error} retry={() => void query.refetch()} />)
  return <Delayed>{card(<Skeleton active title={false} paragraph={{ rows: 2 }} />)}</Delayed>
}
