import { Skeleton } from 'antd'
import type { ComponentProps } from 'react'
import { Loaded } from '@/shared/states'
import styles from './DealContent.module.css'

/** A card beside a record that shows nothing where there is nothing to say; until that is known, it says so. */
export function LoadedCard<T>({
  title,
  ...loaded
}: { title: string } & Pick<ComponentProps<typeof Loaded<T>>, 'query' | 'children'>) {
  return (
    <Loaded
      {...loaded}
      skeleton={<Skeleton active title={false} paragraph={{ rows: 2 }} />}
      frame={(inside) => (
        <section className={styles.card} aria-label={title}>
          <h2>{title}</h2>
          {inside}
        </section>
      )}
    />
  )
}
