import { useQueryClient } from '@tanstack/react-query'
import { App } from 'antd'
import { useNavigate } from 'react-router'
import { asProblem, client } from '@/shared/api'
import { setLanguage, useNamed } from '@/shared/i18n'
import { useKeepMe } from '@/shared/me'
import { type Language, usePrefs } from '@/shared/prefs'

/** Show everything in another language, and keep that for this person wherever they sign in. */
export function useChangeLanguage(): (language: Language) => Promise<void> {
  const { message } = App.useApp()
  const named = useNamed()
  const keepMe = useKeepMe()
  return async (language) => {
    await setLanguage(language)
    try {
      const { data } = await client.PATCH('/api/me', { body: { language } })
      if (data) keepMe(data)
    } catch (error) {
      void message.error(named(asProblem(error)))
    }
  }
}

export function useSignOut(): () => Promise<void> {
  const navigate = useNavigate()
  const queries = useQueryClient()
  const { message } = App.useApp()
  const named = useNamed()
  return async () => {
    try {
      await client.DELETE('/api/session')
    } catch (error) {
      // Not signed out on the server: then it must not look so here.
      if (asProblem(error).status !== 401) {
        void message.error(named(asProblem(error)))
        return
      }
    }
    await navigate('/sign-in')
    queries.clear()
    usePrefs.getState().forget()
  }
}
