import { useCallback } from 'react'
import type { Schemas } from './api'
import { useLanguage } from './i18n'
import styles from './states.module.css'
import { useSharedTexts } from './texts'

type Lack = Schemas['LackingOut']

const LOCALES = { zh: 'zh-CN', en: 'en-US' } as const

/** 美元, US Dollar; the code itself where nobody knows the currency. */
export function useCurrencyName(): (code: string) => string {
  const language = useLanguage()
  return useCallback(
    (code) => {
      try {
        return new Intl.DisplayNames(LOCALES[language], { type: 'currency' }).of(code) ?? code
      } catch {
        return code
      }
    },
    [language],
  )
}

/** What several sums leave out, by currency; most first. */
export function lackingOf(groups: readonly { lacking: readonly Lack[] }[]): Lack[] {
  const counts = new Map<string, number>()
  for (const { currency, count } of groups.flatMap(({ lacking }) => lacking))
    counts.set(currency, (counts.get(currency) ?? 0) + count)
  return [...counts]
    .map(([currency, count]) => ({ currency, count }))
    .toSorted((one, other) => other.count - one.count || one.currency.localeCompare(other.currency))
}

/** Says which deals a sum beside it does not hold: those whose currency has no rate. */
export function Lacking({ lacking }: { lacking: readonly Lack[] }) {
  const t = useSharedTexts()
  const language = useLanguage()
  const name = useCurrencyName()
  if (lacking.length === 0) return null
  const parts = lacking.map(({ currency, count }) =>
    t('lackingPart', { count, currency: currency ? name(currency) : t('otherCurrency') }),
  )
  return (
    <span className={styles.lacking}>
      {t('lacking', { parts: parts.join(language === 'zh' ? '、' : ', ') })}
    </span>
  )
}
