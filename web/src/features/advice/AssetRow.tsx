import { useQueryClient } from '@tanstack/react-query'
import { App, Button } from 'antd'
import { api, asProblem } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import styles from './Advice.module.css'
import { type Asset, LISTS } from './data'
import type { Words } from './LibraryPage'
import { useAdviceTexts } from './texts'

/** One asset: what it is, for whom and what it is, and how often it was used. */
export function AssetRow({
  asset,
  words,
  onEdit,
  onResults,
}: {
  asset: Asset
  words: Words
  onEdit?: () => void
  onResults: () => void
}) {
  const t = useAdviceTexts()
  const f = useFormat()
  const named = useNamed()
  const { message } = App.useApp()
  const queries = useQueryClient()
  const change = api.useMutation('patch', '/api/assets/{asset}', {
    onSuccess: ({ active }) => message.success(t(active ? 'broughtBack' : 'retired')),
    onError: (error) => message.error(named(asProblem(error))),
    onSettled: () => queries.invalidateQueries({ queryKey: ['get', '/api/assets'] }),
  })
  const chips = LISTS.flatMap((list) =>
    asset[list].map((value) =>
      list === 'competitors' ? t('against', { name: value }) : words.of(list, value),
    ),
  )
  return (
    <li className={styles.asset}>
      <div className={styles.what}>
        <a className={styles.name} href={asset.url} target="_blank" rel="noreferrer">
          {asset.title}
        </a>
        {asset.summary && <span className={styles.summary}>{asset.summary}</span>}
        <span className={styles.chips}>
          {[t(`language.${asset.language}`), ...chips].map((chip) => (
            <span key={chip} className={styles.chip}>
              {chip}
            </span>
          ))}
        </span>
      </div>
      <div className={styles.side}>
        <span className={styles.faint}>
          {asset.deals > 0
            ? t('sent', { deals: f.number(asset.deals), opened: f.number(asset.opened) })
            : t('unsent')}
        </span>
        <span className={styles.acts}>
          <Button
            size="small"
            type="text"
            aria-label={t('resultsOf', { title: asset.title })}
            onClick={onResults}
          >
            {t('results')}
          </Button>
          {onEdit && (
            <>
              <Button
                size="small"
                type="text"
                aria-label={t('editOf', { title: asset.title })}
                onClick={onEdit}
              >
                {t('edit')}
              </Button>
              <Button
                size="small"
                type="text"
                loading={change.isPending}
                aria-label={`${t(asset.active ? 'retire' : 'bringBack')}: ${asset.title}`}
                onClick={() =>
                  change.mutate({ params: { path: { asset: asset.id } }, body: { active: !asset.active } })
                }
              >
                {t(asset.active ? 'retire' : 'bringBack')}
              </Button>
            </>
          )}
        </span>
      </div>
    </li>
  )
}
