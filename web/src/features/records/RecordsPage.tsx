import { useSearchParams } from 'react-router'
import { may, useMe } from '@/shared/me'
import { Delayed, ErrorBox, NoPermission } from '@/shared/states'
import { useTitle } from '@/shared/title'
import { useFields } from './fields'
import { KINDS, type KindKey } from './kinds'
import { RecordList } from './RecordList'
import { TableSkeleton } from './RecordsTable'
import { useRecordsTexts } from './texts'
import { useViews } from './useListState'

/** The list of one kind of record: its address says all that it shows, so it can be kept and sent on. */
export function RecordsPage({ kind: key }: { kind: KindKey }) {
  const kind = KINDS[key]
  const t = useRecordsTexts()
  useTitle(t(`title.${key}`))
  const { data: me } = useMe()
  const [search] = useSearchParams()
  const views = useViews(kind)
  const { query: types, fields, askable } = useFields(key)
  if (me && !may(me, 'see') && kind.key !== 'product') return <NoPermission />
  const failed: unknown = types.error ?? views.error
  if (failed && (!types.data || !views.data))
    return (
      <ErrorBox
        error={failed}
        retry={() => {
          void types.refetch()
          void views.refetch()
        }}
      />
    )
  // What a view shows is known once it is there: until then, nothing is asked in vain.
  if (!types.data || (search.has('view') && !views.data))
    return (
      <Delayed>
        <TableSkeleton />
      </Delayed>
    )
  return <RecordList kind={kind} fields={fields} askable={askable} views={views.data ?? []} />
}
