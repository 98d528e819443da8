import { EndDeal } from '@/features/crm/DealModals'
import { api } from '@/shared/api'
import { useRefetch } from './data'

/** A deal was dropped where deals end: asks why, as on the deal's own page. */
export default function EndModal({
  id,
  outcome,
  close,
}: {
  id: number
  outcome: 'won' | 'lost'
  close: () => void
}) {
  const { data: deal } = api.useQuery('get', '/api/deals/{deal}', { params: { path: { deal: id } } })
  const refetch = useRefetch('deal')
  if (!deal) return null
  return (
    <EndDeal
      deal={deal}
      outcome={outcome}
      onClose={() => {
        refetch()
        close()
      }}
    />
  )
}
