import { useEffect } from 'react'
import { useLanguage } from './i18n'

/** The name of the page in the browser's tab. */
export function useTitle(title: string | undefined): void {
  const product = useLanguage() === 'zh' ? '先见' : 'Foresail'
  useEffect(() => {
    document.title = title ? `${title} · ${product}` : product
  }, [title, product])
}
