import { lazy } from 'react'
import { useParams } from 'react-router'

const Reports = lazy(() => import('./Reports').then((all) => ({ default: all.Reports })))
const ReportView = lazy(() => import('./Report').then((all) => ({ default: all.ReportView })))
const Saved = lazy(() => import('./Saved').then((all) => ({ default: all.Saved })))

/** Reports, one of them, or what time was saved: loaded as they are asked for. */
export default function ReportsPage() {
  const { report } = useParams()
  if (!report) return <Reports />
  return report === 'saved' ? <Saved /> : <ReportView key={report} />
}
