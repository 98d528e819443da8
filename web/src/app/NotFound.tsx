import { Button } from 'antd'
import { isRouteErrorResponse, Link, useRouteError } from 'react-router'
import { Empty } from '@/shared/states'
import { useTitle } from '@/shared/title'
import { useShellTexts } from './texts'

export function NotFound() {
  const t = useShellTexts()
  useTitle(t('notFound.title'))
  return (
    <>
      <h1 className="visually-hidden">{t('notFound.title')}</h1>
      <Empty
        why={t('notFound.why')}
        action={
          <Link to="/">
            <Button tabIndex={-1}>{t('notFound.home')}</Button>
          </Link>
        }
      />
    </>
  )
}

/** A page that broke while drawing, or whose code could not be loaded (a new version may have replaced it). */
export function PageBroke() {
  const error = useRouteError()
  const t = useShellTexts()
  useTitle(t('broke.title'))
  if (isRouteErrorResponse(error) && error.status === 404) return <NotFound />
  const unloaded = /dynamically imported module|module script failed|preload CSS/i.test(String(error))
  return (
    <div role="alert">
      <h1 className="visually-hidden">{t('broke.title')}</h1>
      <Empty
        why={t(unloaded ? (navigator.onLine ? 'broke.unloaded' : 'broke.offline') : 'broke.why')}
        action={
          <Button type="primary" onClick={() => location.reload()}>
            {t('broke.reload')}
          </Button>
        }
      />
    </div>
  )
}
