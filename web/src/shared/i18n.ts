import i18next, { type TOptions } from 'i18next'
import { use } from 'react'
import { initReactI18next, useTranslation } from 'react-i18next'
import { type Language, usePrefs } from './prefs'

/** Texts are JSON: keys to sentences, in groups. {{name}} is filled in; a _one beside _other is for English plurals. */
export interface Texts {
  [key: string]: string | Texts
}

type Plain<K extends string> = K extends `${infer Base}_${'zero' | 'one' | 'other'}` ? Base : K
export type KeysOf<T> = {
  [K in keyof T & string]: T[K] extends string ? Plain<K> : `${K}.${KeysOf<T[K]>}`
}[keyof T & string]

/** `t('filter.status')`, `t('count', { count: 3 })`: a key that is not there is a type error. */
export type Translate<T> = (key: KeysOf<T>, values?: TOptions) => string

type English = () => Promise<{ default: Texts }>
const english = new Map<string, { load: English; loading?: Promise<void> }>()
const NOTHING = settled(Promise.resolve())

void i18next.use(initReactI18next).init({
  lng: usePrefs.getState().language,
  fallbackLng: 'zh',
  resources: {},
  interpolation: { escapeValue: false },
  react: { useSuspense: false },
  initAsync: false,
})

/**
 * Register the texts of a feature and return the hook that reads them. Chinese comes with the feature's code,
 * English when somebody reads English.
 *
 *     export const useTexts = registerTexts('deals', zh, () => import('./locales/en.json'))
 *     const t = useTexts()
 */
export function registerTexts<const T extends Texts>(name: string, zh: T, en: English): () => Translate<T> {
  i18next.addResourceBundle('zh', name, zh, true, true)
  if (!english.has(name)) english.set(name, { load: en })
  return function useTexts() {
    const { t, i18n } = useTranslation(name)
    // Read each time, also what is there: a component that React plays again must read what it waited for.
    if (i18n.language === 'en') use(loadEnglish(name))
    return t as unknown as Translate<T>
  }
}

function loadEnglish(name: string): Promise<void> {
  const entry = english.get(name)
  if (!entry) return NOTHING
  if (entry.loading) return entry.loading
  const loading = entry.load().then((texts) => {
    i18next.addResourceBundle('en', name, texts.default, true, true)
    settled(loading)
  })
  entry.loading = loading
  return loading
}

/** Mark a promise as React does, so that reading it does not wait for another moment. */
function settled(promise: Promise<void>): Promise<void> {
  return Object.assign(promise, { status: 'fulfilled', value: undefined })
}

/** Resolves when all texts registered so far can be read: a page that has them does not wait while it draws. */
export async function textsReady(): Promise<void> {
  if (i18next.language === 'en') await Promise.all([...english.keys()].map(loadEnglish))
}

/** Show everything in `language`; what is on the screen changes at once, in one step. */
export async function setLanguage(language: Language): Promise<void> {
  if (language === 'en') await Promise.all([...english.keys()].map(loadEnglish))
  await i18next.changeLanguage(language)
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en'
  usePrefs.getState().setLanguage(language)
}

export function useLanguage(): Language {
  return useTranslation().i18n.language === 'en' ? 'en' : 'zh'
}

/** Of a thing that has a Chinese and an English name (a stage, a driver, a problem), the one to show. */
export function useNamed(): (thing: { zh: string; en: string }) => string {
  return NAMED[useLanguage()]
}

const NAMED = {
  zh: (thing: { zh: string }) => thing.zh,
  en: (thing: { en: string }) => thing.en,
}
